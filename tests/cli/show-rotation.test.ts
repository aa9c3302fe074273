import { expect, test } from 'vitest';
import { presentRotation } from '#app/_doors/api/rotation-shape.ts';
import { Api } from '#cli/remote/api.ts';
import { rotation } from '#cli/remote/rotation.ts';
import { showRotation } from '#cli/remote/show-rotation.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { step, view } from '#tests/app/progress.ts';

const api = new Api({ url: new URL('http://127.0.0.1:3000'), clientId: '', secret: new Plaintext('') });

/** What is shown of a rotation with these steps, about its failures. */
function failing(steps: typeof view.steps, change: Partial<typeof view> = {}): string[] {
  const lines = showRotation(api, rotation.parse(presentRotation({ ...view, ...change, steps })));
  const from = lines.findIndex((line) => line.startsWith('Failing'));
  return from === -1
    ? []
    : lines.slice(
        from,
        lines.findIndex((line) => line.startsWith('Asked for')),
      );
}

const failed = { ...step, result: 'failed', error: 'No.' };
const other = { ...step, seq: 2, bindingId: '01900000-0000-7000-8000-000000000004' };
const again = `Tried again at ${view.nextAttemptAt}.`;

test('show tells of each binding that failed the last time, also where another one succeeded after it', () => {
  expect(failing([failed, other])).toEqual([`Failing     attempt 1 at Env file: No. ${again}`]);
  expect(failing([failed, { ...other, target: 'Webhook', result: 'unknown', error: 'No answer.' }])).toEqual([
    'Failing     attempt 1 at Env file: No.',
    `            attempt 1 at Webhook: No answer. ${again}`,
  ]);
  expect(failing([failed, { ...step, seq: 2, attempt: 2 }])).toEqual([]);
});

test('show says whom a rotation waits for: a person, or a worker where none has taken it up', () => {
  const stateOf = (change: Partial<typeof view>) =>
    showRotation(api, rotation.parse(presentRotation({ ...view, ...change }))).find((line) =>
      line.startsWith('State'),
    );
  expect(stateOf({})).toBe('State       running: deliver');
  expect(stateOf({ awaitsWorker: true })).toBe('State       waits for a worker: deliver');
  expect(stateOf({ strategy: 'assisted', phase: 'await_secret' })).toBe(
    'State       waits for a person: await_secret',
  );
});

test('what failed before it was resumed fails no more', () => {
  expect(failing([{ ...failed, counts: false }])).toEqual([]);
});

test('what failed before the present phase, or before the rotation ended, fails no more', () => {
  expect(failing([{ ...failed, phase: 'issue' }])).toEqual([]);
  expect(failing([failed], { outcome: 'cancelled' })).toEqual([]);
});
