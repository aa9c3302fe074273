import { expect, test } from 'vitest';
import { limitedTo } from '#app/_words/limits.ts';

test('limits are told as the end of a line, and nothing is said where nothing limits', () => {
  expect(limitedTo({ environments: [], labels: [] })).toBe('');
  expect(limitedTo({ environments: ['production', 'staging'], labels: [] })).toBe(
    ' · only production, staging',
  );
  expect(limitedTo({ environments: ['production'], labels: ['payments', 'web'] })).toBe(
    ' · only production · only with the label payments or web',
  );
});
