import { expect, test } from 'vitest';
import { breachWords, rotateSentence, stepsAfter } from '#app/_words/rotate-sheet.ts';
import { isGapFree, leavesOverlap, noGapWhy } from '#app/_words/rotation.ts';
import { promisesNoGap, type Strategy, strategies } from '#core/rotation/strategies.ts';

const all = Object.keys(strategies) as Strategy[];
const plan = {
  credential: 'fleet-api',
  environment: 'production',
  fromVersion: 1,
  gap: { seconds: 3, measured: false },
};
const end = 'Tue 24 Nov 2026, 14:05 CET';
const said = (strategy: Strategy, breach: boolean, until: string | null = end) =>
  rotateSentence({ ...plan, strategy }, 2, { end: until, breach });

test.each(all)('%s: the console promises no gap exactly where core does', (strategy) => {
  expect(isGapFree(strategy)).toBe(promisesNoGap[strategy]);
  expect(noGapWhy(strategy) !== undefined).toBe(promisesNoGap[strategy]);
});

test.each(all)('%s: the sentence beside the button says when the old secret stops working', (strategy) => {
  expect(said(strategy, false)).toMatch(/^Rotate fleet-api \(v1 → v2\) in production; .*v1.*\.$/);
  expect(said(strategy, false).includes(end)).toBe(leavesOverlap(strategy));
});

test.each(all)('%s: after a breach no overlap is promised, whatever was chosen before', (strategy) => {
  expect(said(strategy, true)).not.toContain(end);
  expect(breachWords({ strategy }).includes('There is no overlap.')).toBe(leavesOverlap(strategy));
});

test('without a length the overlap is asked for', () => {
  expect(said('overlap', false, null)).toBe(
    'Rotate fleet-api (v1 → v2) in production. Choose how long v1 keeps working.',
  );
});

test('without an overlap the sentence says that the old secret ends at once', () => {
  const none = rotateSentence({ ...plan, strategy: 'overlap' }, 2, { end: null, breach: false, none: true });
  expect(none).toBe(
    'Rotate fleet-api (v1 → v2) in production; v1 stops working as soon as every required target has the new one.',
  );
});

test('the plan after a breach has no overlap to wait for', () => {
  const steps = (['promote', 'overlap', 'revoke'] as const).map((phase) => ({ phase, targets: [] }));
  expect(stepsAfter(true, steps).map(({ phase }) => phase)).toEqual(['promote', 'revoke']);
  expect(stepsAfter(false, steps)).toEqual(steps);
});
