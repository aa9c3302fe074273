import { expect, test } from 'vitest';
import { withRetryAfter } from '#connectors/rate-limit-reset.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const at = (seconds: number) => String(NOW / 1000 + seconds);
const answer = (status: number, headers: Record<string, string>) => ({ status, headers, text: '' });
const after = (status: number, headers: Record<string, string>) =>
  withRetryAfter(answer(status, headers), 'x-reset', NOW).headers['retry-after'];

test('the end of a limit becomes the seconds until then, at least one', () => {
  expect(after(429, { 'x-reset': at(40) })).toBe('40');
  expect(after(429, { 'x-reset': at(-5) })).toBe('1');
});

test('what the vendor says in Retry-After itself is kept', () => {
  expect(after(429, { 'x-reset': at(40), 'retry-after': '3' })).toBe('3');
});

test('other answers, and limits without an end that is a number, stay as they were', () => {
  expect(after(200, { 'x-reset': at(40) })).toBeUndefined();
  expect(after(429, {})).toBeUndefined();
  expect(after(429, { 'x-reset': 'soon' })).toBeUndefined();
});
