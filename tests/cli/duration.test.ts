import { expect, test } from 'vitest';
import { asDuration, durationOf, secondsOf } from '#cli/duration.ts';

test.each([
  ['30s', 'PT30S'],
  ['10m', 'PT10M'],
  ['4h', 'PT4H'],
  ['1d', 'P1D'],
  ['2w', 'P2W'],
  ['PT90M', 'PT90M'],
  // Not ours to judge: the API says what is wrong with it.
  ['P1M', 'P1M'],
  ['soon', 'soon'],
])('%s is sent as %s', (typed, sent) => {
  expect(asDuration(typed)).toBe(sent);
});

test('a duration that was not given is none', () => {
  expect(durationOf({}, 'grace')).toBeUndefined();
  expect(secondsOf({}, 'timeout')).toBeUndefined();
});

test('how long to wait is counted in seconds, and what is no duration is refused with a sentence', () => {
  expect(secondsOf({ timeout: '15m' }, 'timeout')).toBe(900);
  expect(secondsOf({ timeout: 'P1D' }, 'timeout')).toBe(86_400);
  expect(() => secondsOf({ timeout: '90' }, 'timeout')).toThrow('--timeout: This is not a duration.');
  expect(() => secondsOf({ timeout: '0s' }, 'timeout')).toThrow('longer than nothing');
});
