import { expect, test } from 'vitest';
import { limitWords } from '#app/_words/limits.ts';

test('limits are told as the end of a line, and nothing is said where nothing limits', () => {
  expect(limitWords({ environments: [], labels: [] })).toBe('');
  expect(limitWords({ environments: ['production', 'staging'], labels: [] })).toBe(
    ' · only production, staging',
  );
  expect(limitWords({ environments: ['production'], labels: ['payments', 'web'] })).toBe(
    ' · only production · only with the label payments or web',
  );
});
