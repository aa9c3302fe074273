import fc from 'fast-check';
import { expect, test } from 'vitest';
import { durationInput } from '#app/_doors/api/duration.ts';
import { formatDuration, parseDuration } from '#lib/duration.ts';

test.each([
  ['PT0S', 0],
  ['PT90S', 90],
  ['PT90M', 5400],
  ['PT24H', 86_400],
  ['P1D', 86_400],
  ['P1DT2H3M4S', 93_784],
  ['P2W', 1_209_600],
])('%s is %i seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test.each([
  '',
  'P',
  'PT',
  'P1DT',
  '1D',
  'P1H',
  'PT1D',
  'P-1D',
  '-P1D',
  '+P1D',
  'P1d',
  'p1D',
  ' P1D',
  'P1D ',
  'PT1.5H',
  'P1,5D',
  'P1M',
  'P1Y',
  'P1Y2M',
  'PT1M1H',
  '86400',
  'P1D\n',
])('%j is refused', (text) => {
  expect(parseDuration(text)).toBeNull();
  const { success, error } = durationInput.safeParse(text);
  expect(success).toBe(false);
  expect(error?.issues[0]?.message).toMatch(/\.$|for none/);
});

test('a month is refused with a sentence that says what to write', () => {
  expect(durationInput.safeParse('P1M').error?.issues[0]?.message).toContain('P30D');
});

test('what is formatted is read as the same number of seconds', () => {
  fc.assert(
    fc.property(fc.nat({ max: 400 * 86_400 }), (seconds) => {
      expect(parseDuration(formatDuration(seconds))).toBe(seconds);
    }),
  );
});
