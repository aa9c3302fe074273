import { expect, test } from 'vitest';
import {
  failuresOf,
  forwardStates,
  phaseStates,
  rangesOf,
  secondsOf,
  stepsOf,
} from '#app/_components/phase-states.ts';
import { progressOf } from '#app/_doors/rotation-progress.ts';
import { step, view } from '#tests/app/progress.ts';

const statesOf = (change: Partial<typeof view>) =>
  phaseStates(progressOf({ ...view, ...change })).map(({ state }) => state);
const current = (change: Partial<typeof view>) => statesOf(change)[3];
const hold = { reason: 'slot_full', sentence: 'Full.', next: 'Make room.', detail: null };

test('the phases before the current one are done, those after it are to come', () => {
  expect(statesOf({})).toEqual(['done', 'done', 'done', 'running', 'to come', 'to come', 'to come']);
});

test('a phase that waits for its next try, or asks again, is waiting', () => {
  expect(current({ steps: [{ ...step, result: 'unknown', error: 'No.' }] })).toBe('waiting');
  expect(current({ steps: [{ ...step, result: 'failed', error: 'No.' }] })).toBe('waiting');
  expect(current({ steps: [{ ...step, result: 'waiting' }] })).toBe('waiting');
  expect(current({ steps: [{ ...step, result: null }] })).toBe('running');
});

test('the overlap and the wait for a secret are waiting, never running', () => {
  const phases = ['overlap', 'await_secret'] as const;
  for (const phase of phases) {
    expect(phaseStates(progressOf({ ...view, phases: [phase], phase }))).toEqual([
      { phase, state: 'waiting' },
    ]);
  }
});

test('a held rotation is held, and an ended one neither runs nor waits', () => {
  expect(current({ hold, steps: [{ ...step, result: 'failed' }] })).toBe('held');
  expect(current({ outcome: 'cancelled' })).toBe('stopped');
  expect(statesOf({ outcome: 'completed', phase: 'prove', provenDead: true })).toEqual(Array(7).fill('done'));
});

test('a secret that nobody could try is not shown as proven', () => {
  expect(statesOf({ outcome: 'completed', phase: 'prove' }).at(-1)).toBe('not needed');
});

test('the same sentence of several attempts stands once, with their numbers', () => {
  const failed = { ...step, result: 'failed', error: 'No.' };
  const steps = [
    failed,
    { ...failed, seq: 2, attempt: 2 },
    { ...failed, seq: 3, attempt: 3, error: 'Never.' },
    { ...failed, seq: 4, attempt: 4 },
    { ...step, seq: 5, attempt: 5 },
  ];
  expect(failuresOf(steps)).toEqual([
    { target: 'Env file', error: 'No.', attempts: [1, 2, 4] },
    { target: 'Env file', error: 'Never.', attempts: [3] },
  ]);
  expect(rangesOf([1, 2, 4])).toBe('1–2, 4');
});

test('a failure that begins with its target is told without it, for the line names the target', () => {
  const steps = [{ ...step, result: 'failed', error: 'Env file: No.' }];
  expect(failuresOf(steps)).toEqual([{ target: 'Env file', error: 'No.', attempts: [1] }]);
});

test('what failed before a rotation was resumed is told without a number, and counts as no failure of now', () => {
  const before = { ...step, result: 'failed', error: 'No.', counts: false };
  const steps = [before, { ...before, seq: 2, attempt: 2 }, { ...before, seq: 3, counts: true }];
  expect(failuresOf(steps)).toEqual([
    { target: 'Env file', error: 'No.', attempts: [] },
    { target: 'Env file', error: 'No.', attempts: [1] },
  ]);
  const resumed = progressOf({ ...view, steps: [before] });
  expect(resumed).toMatchObject({ isFailing: false, nextAttemptAt: null });
  expect(current({ steps: [before] })).toBe('running');
});

test('a phase that no worker has taken up waits for one, and does not run', () => {
  expect(current({ awaitsWorker: true })).toBe('untaken');
  expect(current({ awaitsWorker: true, hold })).toBe('held');
  expect(current({})).toBe('running');
});

test('what is paused neither runs nor waits for a next try, and counts nothing down', () => {
  const failed = { ...step, result: 'failed', error: 'No.' };
  expect(current({ paused: 'credential' })).toBe('paused');
  expect(current({ paused: 'issuer', steps: [failed] })).toBe('paused');
  expect(current({ paused: 'everything', hold })).toBe('held');
  expect(progressOf({ ...view, paused: 'issuer', steps: [failed] }).nextAttemptAt).toBeNull();
  const overlap = { phases: ['overlap' as const], phase: 'overlap' as const };
  expect(phaseStates(progressOf({ ...view, ...overlap, paused: 'credential' }))).toEqual([
    { phase: 'overlap', state: 'paused' },
  ]);
});

test('a phase is failing while its last answer at any target is a failure and it goes on by itself', () => {
  const failed = { ...step, result: 'failed', error: 'No.' };
  const failing = (change: Partial<typeof view>) => progressOf({ ...view, ...change }).isFailing;
  // Two bindings can lead to one target.
  const other = { ...step, seq: 2, bindingId: '01900000-0000-7000-8000-000000000004' };
  expect(failing({ steps: [failed, other] })).toBe(true);
  expect(failing({ steps: [failed, other, { ...step, seq: 3, attempt: 2, result: null }] })).toBe(true);
  expect(failing({ steps: [failed, other, { ...step, seq: 3, attempt: 2 }] })).toBe(false);
  // What a target may have kept all the same has failed, too.
  expect(failing({ steps: [{ ...failed, result: 'unknown' }, other] })).toBe(true);
  // It answers "not yet" now, so that it is waited for.
  expect(failing({ steps: [failed, { ...step, seq: 2, attempt: 2, result: 'waiting' }] })).toBe(false);
  expect(failing({ steps: [failed], hold })).toBe(false);
  expect(failing({ steps: [failed], paused: 'everything' })).toBe(false);
  expect(failing({ steps: [failed], outcome: 'completed' })).toBe(false);
});

test('a phase is not called failing for a best-effort target: the rotation is never held for it', () => {
  const target = { name: 'Env file', needs: 'read_back' as const, level: null, confirmedAt: null };
  const failing = (required: boolean) =>
    progressOf({
      ...view,
      targets: [{ ...target, bindingId: step.bindingId ?? '', required }],
      steps: [{ ...step, result: 'failed', error: 'No.' }],
    }).isFailing;
  expect([failing(true), failing(false)]).toEqual([true, false]);
});

test('parallel calls of one attempt count once, attempts add up', () => {
  const steps = [
    { ...step, seconds: 0.5 },
    { ...step, seq: 2, target: 'Webhook', seconds: 2 },
    { ...step, seq: 3, attempt: 2, seconds: 1 },
  ];
  expect(secondsOf(steps)).toBe(3);
  expect(secondsOf([])).toBeNull();
});

const back = {
  direction: 'back' as const,
  strategy: 'overlap' as const,
  phases: ['deliver', 'redeploy', 'confirm', 'promote', 'revoke', 'prove'] as const,
};

test('a step belongs to the direction it was made in: what went forward is not shown on the way back', () => {
  const forward = { ...step, seq: 1 };
  const backward = { ...step, seq: 2, direction: 'back' as const };
  expect(stepsOf({ steps: [forward, backward], direction: 'back' }, 'deliver')).toEqual([backward]);
  expect(stepsOf({ steps: [forward, backward], direction: 'forward' }, 'deliver')).toEqual([forward]);
});

test('on the way back a phase that had nothing to take back is not needed, and the others are done', () => {
  const change = { ...back, phases: [...back.phases], phase: 'revoke' as const };
  expect(statesOf({ ...change, steps: [step] })).toEqual([
    'not needed',
    'not needed',
    'not needed',
    'done',
    'running',
    'to come',
  ]);
  const steps = [{ ...step, direction: 'back' as const }];
  expect(statesOf({ ...change, steps }).slice(0, 3)).toEqual(['done', 'not needed', 'done']);
});

test('a rotation that was rolled back is done, also where nothing had to be retired', () => {
  const change = { ...back, phases: [...back.phases], outcome: 'rolled_back' };
  expect(statesOf({ ...change, phase: 'promote' }).slice(3)).toEqual(['done', 'not needed', 'not needed']);
  expect(statesOf({ ...change, phase: 'prove', provenDead: true }).at(-1)).toBe('done');
  expect(statesOf({ ...change, phase: 'prove' }).at(-1)).toBe('not needed');
});

test('after a cancellation the phases that never came are called not reached, not to come', () => {
  expect(statesOf({ outcome: 'cancelled' }).slice(3)).toEqual([
    'stopped',
    'not reached',
    'not reached',
    'not reached',
  ]);
});

const turned = (change: Partial<typeof view>) =>
  Object.fromEntries(
    forwardStates(
      progressOf({
        ...view,
        ...back,
        phases: [...back.phases],
        wayForward: [
          'preflight',
          'issue',
          'verify',
          'deliver',
          'confirm',
          'promote',
          'overlap',
          'revoke',
          'prove',
        ],
        phase: 'promote',
        ...change,
      }),
    ).map(({ phase, state }) => [phase, state]),
  );
const forward = (phase: (typeof step)['phase'], result = 'ok') => ({ ...step, phase, result, target: null });
const backward = (phase: (typeof step)['phase']) => ({ ...forward(phase), direction: 'back' as const });

test('a rotation that was turned back in its overlap shows what it had done, and what of that is taken back', () => {
  const steps = [forward('preflight'), forward('issue'), forward('verify'), { ...step }, backward('deliver')];
  expect(turned({ steps })).toEqual({
    preflight: 'done',
    issue: 'done',
    verify: 'done',
    deliver: 'taken back',
    confirm: 'done',
    promote: 'done',
    overlap: 'stopped',
    revoke: 'not reached',
    prove: 'not reached',
  });
  const ended = { steps: [...steps, backward('revoke')], outcome: 'rolled_back', phase: 'prove' as const };
  expect(turned(ended)).toMatchObject({ issue: 'taken back', deliver: 'taken back', promote: 'taken back' });
});

test('a rotation that was turned back while it failed shows where, and nothing of what it never reached', () => {
  const steps = [forward('preflight'), forward('issue'), forward('verify'), { ...step, result: 'unknown' }];
  expect(turned({ steps, wasPromoted: false })).toMatchObject({
    verify: 'done',
    deliver: 'stopped',
    confirm: 'not reached',
    promote: 'not reached',
    overlap: 'not reached',
  });
  const waited = [
    ...steps.slice(0, 3),
    { ...step },
    { ...step, phase: 'confirm' as const, result: 'waiting' },
  ];
  expect(turned({ steps: waited, wasPromoted: false })).toMatchObject({
    deliver: 'done',
    confirm: 'stopped',
  });
});

test('where one secret is replaced, setting the old value again takes back that the new one was issued', () => {
  const change = {
    strategy: 'prestage' as const,
    wayForward: ['preflight', 'deliver_next', 'issue', 'promote', 'deliver'] as (typeof view)['phases'],
    phases: [
      'deliver_next',
      'issue',
      'promote',
      'deliver',
      'prove',
      'remove_next',
    ] as (typeof view)['phases'],
    steps: [forward('deliver_next'), forward('issue'), backward('issue')],
  };
  expect(turned({ ...change, phase: 'deliver' })).toMatchObject({
    deliver_next: 'done',
    issue: 'taken back',
    promote: 'taken back',
    deliver: 'not reached',
  });
});
