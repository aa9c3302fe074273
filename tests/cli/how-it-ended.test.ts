import { afterEach, expect, test, vi } from 'vitest';
import { presentRotation } from '#app/_doors/api/rotation-shape.ts';
import { Api } from '#cli/remote/api.ts';
import { followRotation } from '#cli/remote/follow-rotation.ts';
import { goesOn, rotation } from '#cli/remote/rotation.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { step, view } from '#tests/app/progress.ts';

/* What waiting for a rotation says when it ends, where, and with which exit code. */

afterEach(() => vi.restoreAllMocks());

const api = new Api({ url: new URL('http://127.0.0.1:3000'), clientId: '', secret: new Plaintext('') });
const { id } = view;

/** How waiting for this rotation ends. */
async function ending(change: Partial<typeof view>) {
  const said: string[] = [];
  const complained: string[] = [];
  vi.spyOn(console, 'error').mockImplementation((line: string) => complained.push(line));
  const first = rotation.parse(presentRotation({ ...view, ...change }));
  const { code } = await followRotation({ api, first, say: (line) => said.push(line), seconds: undefined });
  return { code, said, complained: complained.join('\n').split('\n') };
}

const hold = {
  reason: 'delivery_exhausted',
  sentence: 'It could not be delivered.',
  next: 'Repair the target, then resume.',
  detail: 'Env file: No.',
};

test.each([
  [
    'rolled_back',
    'The rotation of fleet-api was rolled back.',
    'No new secret came into use: v1 is current as before.',
    `To see what happened: rekey rotations show ${id}; to rotate it again: rekey rotate 'fleet-api' --wait`,
  ],
  [
    'cancelled',
    'The rotation of fleet-api was cancelled.',
    'Nothing outside was changed: v1 stays current.',
    "To rotate it after all: rekey rotate 'fleet-api' --wait",
  ],
  [
    'superseded',
    'The rotation of fleet-api was superseded.',
    'Another rotation took its place because of a breach, and retires what this one left working at the issuer.',
    "To find the rotation that took its place: rekey rotations list --credential 'fleet-api'",
  ],
])(
  'one that ended as %s says on standard error what happened, what state things are in and what to do',
  async (outcome, ...lines) => {
    const { code, complained } = await ending({ outcome });
    expect({ code, complained }).toEqual({ code: 3, complained: lines });
  },
);

test('one that is held says why, what state things are in and what can be done, on standard error', async () => {
  const actions = [{ action: 'resume' as const, refusal: null }];
  const { code, complained } = await ending({ hold, actions });
  expect(code).toBe(2);
  expect(complained).toEqual([
    'Held: It could not be delivered.',
    'Env file: No.',
    'Repair the target, then resume.',
    expect.stringContaining('v2 is current'),
    expect.stringContaining('What can be done now'),
    `  rekey rotations resume ${id}`,
    `Page: http://127.0.0.1:3000/rotations/${id}`,
  ]);
});

test.each([
  ['everything', 'Everything is paused, so it waits.'],
  ['issuer', 'Its issuer is paused, so it waits.'],
] as const)(
  'one that waits because %s is paused says so, and how to follow it until that is over',
  async (paused, sentence) => {
    const { code, complained } = await ending({ paused });
    expect(code).toBe(2);
    expect(complained).toEqual([
      sentence,
      expect.stringContaining('v2 is current'),
      `It goes on by itself once the pause is over. To follow it until then: rekey rotations show ${id} --watch`,
      `Page: http://127.0.0.1:3000/rotations/${id}`,
    ]);
  },
);

test('one that is done says so on standard output, and standard error stays empty', async () => {
  const { code, said, complained } = await ending({ outcome: 'completed' });
  expect({ code, last: said.at(-1), complained }).toEqual({
    code: 0,
    last: expect.stringContaining('Completed.'),
    complained: [''],
  });
});

test('where the command ends first, it says what state things are in, and where no worker has taken it up, that', () => {
  const state = rotation.parse(presentRotation({ ...view, awaitsWorker: true }));
  expect(goesOn(state)).toMatch(
    /^No worker has taken it up yet\. v2 is current .+ The rotation goes on\. To look/,
  );
  expect(goesOn({ ...state, awaitsWorker: false })).toMatch(/^v2 is current/);
});

test('a failure that may have taken effect is told as one, and what failed before it was resumed is not', async () => {
  const unknown = { ...step, result: 'unknown', error: 'No answer.' };
  const steps = [
    { ...unknown, error: 'Full.', counts: false },
    { ...unknown, seq: 2 },
  ];
  const { said } = await ending({ steps, outcome: 'rolled_back' });
  expect(said).toEqual(['  deliver', '    failed at Env file: No answer.']);
});
