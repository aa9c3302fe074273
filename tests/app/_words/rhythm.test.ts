import { expect, test } from 'vitest';
import { graceWords, lengthWords, rhythmWords } from '#app/_words/rhythm.ts';

const zone = { timeZone: 'Europe/Berlin' };

test.each([
  [60, 'Every minute'],
  [5_400, 'Every 90 minutes'],
  [86_400, 'Every day'],
  [30 * 86_400, 'Every 30 days'],
])('an interval of %i s is said in its largest unit', (intervalSeconds, words) => {
  expect(rhythmWords({ intervalSeconds })).toBe(words);
});

test.each([
  ['* * * * *', 'Every minute'],
  ['*/15 * * * *', 'Every 15 minutes of the hour'],
  ['5 * * * *', 'Every hour, at minute 5'],
  ['0 */6 * * *', 'Every 6 hours, at minute 0'],
  ['0 3 * * *', 'Every day at 03:00'],
  ['30 3,15 * * *', 'Every day at 03:30 and 15:30'],
  ['0 3 * * 1', 'Every Monday at 03:00'],
  ['0 3 * * 1,3,5', 'Every Monday, Wednesday and Friday at 03:00'],
  ['0 3 * * 1-5', 'Monday to Friday at 03:00'],
  ['0 3 1,15 * *', 'On day 1 and 15 of every month at 03:00'],
  ['0 3 1 6 *', 'By the cron expression 0 3 1 6 *'],
  ['0 3 1 * 1', 'By the cron expression 0 3 1 * 1'],
  ['0 3 * * 1#2', 'By the cron expression 0 3 * * 1#2'],
  ['nonsense', 'By the cron expression nonsense'],
])('the cron expression "%s" is said in words, or shown as it is', (cron, words) => {
  expect(rhythmWords({ cron, ...zone })).toBe(`${words}, Europe/Berlin`);
});

test('a grace period of nothing says so', () => {
  expect(graceWords(0)).toBe('The old version is retired at once.');
  expect(graceWords(86_400)).toBe('The old version is kept for 1 day.');
  expect(lengthWords(61)).toBe('61 seconds');
});
