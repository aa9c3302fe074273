import { expect, test } from 'vitest';
import {
  defaultOverlap,
  overlapOf,
  overlapOptions,
  overlapSeconds,
  untilSeenOf,
} from '#app/_components/overlap-options.ts';

const now = Date.UTC(2026, 10, 24, 13, 5);

test('no length ends the old secret at once, and the default is 24 hours', () => {
  expect(Math.min(...overlapOptions.map(({ seconds }) => seconds))).toBe(3600);
  expect(overlapSeconds(defaultOverlap, now)).toBe(86_400);
});

test.each([3600, 86_400, 3 * 86_400, 7 * 86_400, 7200, 40, 5400, 90 * 86_400])(
  'the length that a policy says is what is chosen at first: %s s',
  (seconds) => {
    expect(overlapSeconds(overlapOf({ graceSeconds: seconds, graceAfterUseSeconds: null }), now)).toBe(
      seconds,
    );
  },
);

test('“no overlap” is never chosen at first, even where the policy says so', () => {
  expect(overlapOf({ graceSeconds: 0, graceAfterUseSeconds: null })).toEqual(defaultOverlap);
  expect(overlapSeconds({ ...defaultOverlap, option: 'none' }, now)).toBe(0);
});

test('a policy that waits for a use is chosen at first with its own lengths; else it is an hour, and a week at the longest', () => {
  const plan = { graceSeconds: 3 * 86_400, graceAfterUseSeconds: 7200 };
  expect(overlapOf(plan).option).toBe('seen');
  expect(overlapSeconds(overlapOf(plan), now, untilSeenOf(plan))).toBe(3 * 86_400);
  expect(untilSeenOf({ ...plan, graceAfterUseSeconds: null })).toEqual({
    afterUseSeconds: 3600,
    mostSeconds: 7 * 86_400,
  });
});

test('an end that is given is that end; one that is past, missing or beyond 90 days is none', () => {
  const until = (text: string) =>
    overlapSeconds({ option: 'custom', amount: '12', unit: 'until', until: text }, now);
  expect(until('2026-11-24T14:05:00Z')).toBe(3600);
  expect(until('2026-11-24T13:04:00Z')).toBeNull();
  expect(until('2027-11-24T13:04:00Z')).toBeNull();
  expect(until('')).toBeNull();
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
  expect(overlapSeconds({ option: 'custom', amount, unit }, now)).toBe(seconds);
});
