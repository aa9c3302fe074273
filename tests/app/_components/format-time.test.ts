import { expect, test } from 'vitest';
import { absoluteTime, duration, relativeTime } from '#app/_components/format-time.ts';

test.each([
  [0, '0 s'],
  [0.03, 'under 0.1 s'],
  [1.44, '1.4 s'],
  [9.97, '10 s'],
  [59.7, '1 min'],
  [125, '2 min 5 s'],
  [12_000, '3 h 20 min'],
  [86_399, '23 h 59 min'],
  [187_200, '2 d 4 h'],
])('%d seconds are told as %s', (seconds, words) => {
  expect(duration(seconds)).toBe(words);
});

const now = Date.parse('2026-11-23T12:00:00Z');

test.each([
  ['2026-11-23T11:59:59Z', 'just now'],
  ['2026-11-23T11:59:30Z', '30 s ago'],
  ['2026-11-23T11:00:00Z', '1 h ago'],
  ['2026-11-22T11:00:00Z', '25 h ago'],
  ['2026-11-20T12:00:00Z', '3 d ago'],
  ['2026-11-23T12:05:00Z', 'in 5 min'],
])('%s is told as %s', (at, words) => {
  expect(relativeTime(at, now)).toBe(words);
});

test('an absolute time always names its zone, by name where it has one', () => {
  const at = '2026-11-24T13:05:09Z';
  expect(absoluteTime(at, 'Europe/Berlin')).toBe('Tue 24 Nov 2026, 14:05 CET');
  expect(absoluteTime(at, 'America/New_York')).toBe('Tue 24 Nov 2026, 08:05 EST');
  expect(absoluteTime(at, 'UTC', true)).toBe('Tue 24 Nov 2026, 13:05:09 UTC');
});

test('the zone of an absolute time is that of its moment, also across the change of clocks', () => {
  expect(absoluteTime('2026-10-25T00:30:00Z', 'Europe/Berlin')).toContain('02:30 CEST');
  expect(absoluteTime('2026-10-25T01:30:00Z', 'Europe/Berlin')).toContain('02:30 CET');
});
