import { expect, test } from 'vitest';
import { countingSteps } from '#core/rotation/counting-steps.ts';
import { at, situation, step } from '#tests/core/rotation/situations.ts';

/* Which attempts a person is told of as those of now. */

const failed = { result: 'failed' as const, bindingId: 'b1' };

test('attempts from before a rotation was resumed count no more, and those after it do', () => {
  const before = [step(1, 'deliver', failed), step(2, 'deliver', { ...failed, attempt: 2 })];
  const resumed = situation({ phase: 'deliver', phaseAt: at(10), steps: before });
  expect([...countingSteps(resumed)]).toEqual([]);
  const again = step(3, 'deliver', { ...failed, intentAt: at(11) });
  expect([...countingSteps({ ...resumed, steps: [...before, again] })]).toEqual([3]);
});

test('once the phase is over, only the attempts since it was last begun anew count, for each binding by itself', () => {
  const steps = [
    step(1, 'issue', { result: 'failed' }),
    step(2, 'issue', { attempt: 2 }),
    step(3, 'deliver', failed),
    step(4, 'deliver', { ...failed, bindingId: 'b2' }),
    step(5, 'deliver', { bindingId: 'b2', attempt: 2 }),
    step(6, 'deliver', { ...failed, intentAt: at(11) }),
    step(7, 'deliver', { bindingId: 'b1', attempt: 2, intentAt: at(12) }),
  ];
  const later = situation({ phase: 'confirm', phaseAt: at(13), steps });
  expect([...countingSteps(later)]).toEqual([1, 2, 4, 5, 6, 7]);
});

test('a phase that comes again because everything is delivered again has no attempts yet', () => {
  const steps = [step(1, 'deliver', { bindingId: 'b1' }), step(2, 'confirm', failed)];
  const again = situation({ phase: 'deliver', phaseAt: at(10), steps });
  expect([...countingSteps(again)]).toEqual([]);
});

test('what failed on the way forward goes on being counted there once the rotation has turned back', () => {
  const steps = [step(1, 'deliver', failed), step(2, 'deliver', { ...failed, attempt: 2 })];
  const back = situation({ direction: 'back', phase: 'deliver', phaseAt: at(10), steps });
  expect([...countingSteps(back)]).toEqual([1, 2]);
});
