import { ConnectorError } from '#connectors/contract.ts';

/** The ConnectorError that an act throws. Fails where it throws none. */
export async function failure(act: () => Promise<unknown>): Promise<ConnectorError> {
  const error = await act().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ConnectorError) return error;
  throw new Error('expected a ConnectorError', { cause: error });
}
