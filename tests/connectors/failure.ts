import { ConnectorError } from '#connectors/contract.ts';

/** The `ConnectorError` that an act ends in. Fails the test where it ends in anything else. */
export async function failure(act: () => Promise<unknown> | undefined): Promise<ConnectorError> {
  try {
    await act();
  } catch (error) {
    if (error instanceof ConnectorError) return error;
    throw error;
  }
  throw new Error('expected a ConnectorError');
}
