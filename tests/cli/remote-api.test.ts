import { expect, test } from 'vitest';
import { RemoteError } from '#cli/remote/api.ts';

/* What the way to the API says against a command. */

test.each([
  [null, true],
  [429, true],
  [502, true],
  [503, true],
  [504, true],
  [401, false],
  [404, false],
  [500, false],
])('after an answer of %j a command that waits asks on: %j', (status, isAway) => {
  expect(new RemoteError('', status).isAway).toBe(isAway);
});
