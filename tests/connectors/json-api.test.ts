import { expect, test } from 'vitest';
import { ConnectorError } from '#connectors/contract.ts';
import { limitEnd, segment } from '#connectors/json-api.ts';

const now = Date.parse('2026-11-25T12:00:00Z');
const at = (seconds: number) => String(now / 1000 + seconds);

test.each([
  [{ 'retry-after': '7', 'x-ratelimit-reset': at(99) }, 7],
  [{ 'x-ratelimit-reset': at(99) }, 99],
  [{ 'ratelimit-reset': '42' }, 42],
  [{ 'x-ratelimit-reset': at(-5) }, 1],
  [{ 'x-ratelimit-reset': at(1_000_000) }, 86_400],
  [{ 'x-ratelimit-reset': 'soon' }, undefined],
  [{}, undefined],
])('a limit ends when the headers %j say, and within a day', (headers, seconds) => {
  expect(limitEnd({ status: 429, headers, text: '' }, now).retryAfterSeconds).toBe(seconds);
});

test('a name cannot leave its segment of the path', () => {
  expect(segment('a/../b?c#d')).toBe('a%2F..%2Fb%3Fc%23d');
  for (const text of ['.', '..']) expect(() => segment(text)).toThrow(ConnectorError);
});
