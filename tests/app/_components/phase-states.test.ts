import { expect, test } from 'vitest';
import { phaseStates, secondsOf } from '#app/_components/phase-states.ts';
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
  expect(statesOf({ outcome: 'completed', phase: 'prove' })).toEqual(Array(7).fill('done'));
});

test('parallel calls of one attempt count once, attempts add up', () => {
  const steps = [
    { ...step, seconds: 0.5 },
    { ...step, seq: 2, target: 'Webhook', seconds: 2 },
    { ...step, seq: 3, attempt: 2, seconds: 1 },
    { ...step, seq: 4, phase: 'confirm' as const, seconds: 9 },
  ];
  expect(secondsOf(steps, 'deliver')).toBe(3);
  expect(secondsOf(steps, 'issue')).toBeNull();
});
