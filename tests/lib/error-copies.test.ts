import { expect, test } from 'vitest';
import { GuardError } from '#lib/guard.ts';
import { HttpError } from '#lib/http.ts';

/* The built console has several copies of a module, and what it keeps once per process throws errors of one of them. */

const copyOf = async (module: string) => (await import(`../../lib/${module}.ts?another`)) as object;

test('a refusal of another copy of its module is known as what it is, and no other error is', async () => {
  const guard = (await copyOf('guard')) as { GuardError: typeof GuardError };
  const http = (await copyOf('http')) as { HttpError: typeof HttpError };
  expect(guard.GuardError).not.toBe(GuardError);
  expect(new guard.GuardError('no', 'refused')).toBeInstanceOf(GuardError);
  expect(http.HttpError).not.toBe(HttpError);
  expect(new http.HttpError('no', 'refused')).toBeInstanceOf(HttpError);
  for (const other of [new Error('no'), new TypeError('no'), null, 'GuardError', { name: 'GuardError' }]) {
    expect(other instanceof GuardError).toBe(false);
    expect(other instanceof HttpError).toBe(false);
  }
  expect(new GuardError('no', 'refused') instanceof HttpError).toBe(false);
});
