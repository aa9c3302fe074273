import { createHash, createHmac } from 'node:crypto';
import { beforeEach, expect, test, vi } from 'vitest';
import { fingerprint } from '#core/vault/fingerprint.ts';
import { Plaintext } from '#lib/plaintext.ts';

const keys = vi.hoisted(() => ({ REKEY_FINGERPRINT_KEY: Buffer.alloc(32, 1) }));
vi.mock('#lib/env.ts', () => ({ env: () => keys }));

beforeEach(() => {
  keys.REKEY_FINGERPRINT_KEY = Buffer.alloc(32, 1);
});

test('the same value has the same fingerprint, and another value another one', () => {
  const print = fingerprint(new Plaintext('value'));
  expect(print).toMatch(/^[0-9a-f]{64}$/);
  expect(fingerprint(new Plaintext('value'))).toBe(print);
  expect(fingerprint(new Plaintext('value '))).not.toBe(print);
});

test('without the key nobody can compute it: it is no plain hash, and another key gives another one', () => {
  const print = fingerprint(new Plaintext('value'));
  expect(print).not.toBe(createHash('sha256').update('value').digest('hex'));
  keys.REKEY_FINGERPRINT_KEY = Buffer.alloc(32, 2);
  expect(fingerprint(new Plaintext('value'))).not.toBe(print);
});

test('the way it is computed stays HMAC-SHA-256, or stored values would never be found again', () => {
  const expected = createHmac('sha256', Buffer.alloc(32, 1)).update('wert-ß').digest('hex');
  expect(fingerprint(new Plaintext('wert-ß'))).toBe(expected);
});
