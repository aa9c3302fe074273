import { expect, test } from 'vitest';
import { ageShare, ageWords } from '#app/_words/age.ts';

const DAY = 86_400;

test('an age is told against what its policy allows, in whole units that have passed', () => {
  expect(ageWords(61.9 * DAY, 90 * DAY)).toBe('61 of 90 days');
  expect(ageWords(0, 90 * DAY)).toBe('0 of 90 days');
  expect(ageWords(5 * 3600, 24 * 3600)).toBe('5 of 24 hours');
  expect(ageWords(90, 3600)).toBe('1 of 60 minutes');
});

test('without a policy the age stands alone', () => {
  expect(ageWords(61 * DAY, null)).toBe('61 days');
  expect(ageWords(60, null)).toBe('1 minute');
});

test('what is older than allowed fills the bar and no more', () => {
  expect(ageShare(100 * DAY, 90 * DAY)).toBe(1);
  expect(ageShare(45 * DAY, 90 * DAY)).toBe(0.5);
  expect(ageShare(10, 0)).toBe(1);
});
