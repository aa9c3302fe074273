import { inspect } from 'node:util';
import { expect } from 'vitest';
import { ConnectorError } from '#connectors/contract.ts';

/** The `ConnectorError` that an act ends in, with none of the secrets anywhere in it. Fails where there is none. */
export async function failure(
  act: () => Promise<unknown> | undefined,
  ...secrets: readonly (string | RegExp)[]
): Promise<ConnectorError> {
  const error = await act()?.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConnectorError)) throw new Error('expected a ConnectorError', { cause: error });
  for (const text of [error.message, inspect(error, { depth: 8 })]) {
    for (const secret of secrets) {
      if (typeof secret === 'string') expect(text).not.toContain(secret);
      else expect(text).not.toMatch(secret);
    }
  }
  return error;
}
