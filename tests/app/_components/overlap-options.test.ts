import { expect, test } from 'vitest';
import { defaultOverlap, overlapOptions, overlapSeconds } from '#app/_components/overlap-options.ts';

test('no choice ends the old secret at once, and the default is 24 hours', () => {
  expect(Math.min(...overlapOptions.map(({ seconds }) => seconds))).toBe(3600);
  expect(overlapSeconds(defaultOverlap)).toBe(86_400);
});

test.each([
  ['90', 'days', 7_776_000],
  ['1.5', 'hours', 5400],
  ['40', 'seconds', 40],
  ['91', 'days', null],
  ['0', 'hours', null],
  ['-1', 'days', null],
  ['', 'hours', null],
  ['soon', 'hours', null],
] as const)('a custom overlap of "%s" %s is %s seconds', (amount, unit, seconds) => {
  expect(overlapSeconds({ option: 'custom', amount, unit })).toBe(seconds);
});
