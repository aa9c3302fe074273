import { expect, test } from 'vitest';
import { sayDuration } from '#lib/duration.ts';

test('a length is said in the largest unit that leaves no rest', () => {
  expect([86_400, 3 * 86_400, 129_600, 5400, 60, 90, 1, 0].map(sayDuration)).toEqual([
    '1 day',
    '3 days',
    '36 hours',
    '90 minutes',
    '1 minute',
    '90 seconds',
    '1 second',
    '0 seconds',
  ]);
});
