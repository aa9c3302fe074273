import { expect, test } from 'vitest';
import { etaSeconds } from '#core/rotation/batches/eta.ts';
import { countToType } from '#core/rotation/batches/production.ts';

const each = (seconds: number, issuerId = 'one', issuerConcurrency: number | null = null) => ({
  seconds,
  issuerId,
  issuerConcurrency,
});

test('an ETA is the sum where one is rotated at a time, and the longest where all are', () => {
  const all = [each(10), each(20), each(30)];
  expect(etaSeconds(all, 1)).toBe(60);
  expect(etaSeconds(all, 3)).toBe(30);
  expect(etaSeconds(all, 50)).toBe(30);
  expect(etaSeconds([], 5)).toBe(0);
});

test('an ETA counts that a place is taken again as soon as it is free', () => {
  expect(etaSeconds([each(30), each(10), each(10), each(10)], 2)).toBe(30);
});

test('an ETA counts how many rotations an issuer takes at the same time', () => {
  const slow = [each(10, 'narrow', 1), each(10, 'narrow', 1), each(10, 'narrow', 1)];
  expect(etaSeconds(slow, 50)).toBe(30);
  expect(etaSeconds([...slow, each(10, 'wide')], 50)).toBe(30);
});

test('the number is typed for more than five in production, and says how many are rotated in all', () => {
  const production = (count: number) => Array.from({ length: count }, () => 'production');
  expect(countToType(production(5))).toBeNull();
  expect(countToType(production(6))).toBe(6);
  expect(countToType([...production(6), 'staging'])).toBe(7);
  expect(countToType(Array.from({ length: 30 }, () => 'staging'))).toBeNull();
  expect(countToType(['prod', 'Prod-eu', 'PRODUCTION', 'prd', 'live', 'live-eu'])).toBe(6);
  expect(countToType(['product-tests', 'preprod', 'liveness', 'test', 'a', 'b'])).toBeNull();
});
