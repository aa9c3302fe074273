import { expect, test } from 'vitest';
import { base32, codeOf, newTotpSecret, stepAt, stepOfCode, totpAddress } from '#core/access/totp.ts';
import { Plaintext } from '#lib/plaintext.ts';

// RFC 6238, appendix B: the ASCII secret of twenty digits, SHA-1, eight digits.
const secret = new Plaintext(base32(Buffer.from('12345678901234567890')));

test.each([
  [59, '94287082'],
  [1111111109, '07081804'],
  [1111111111, '14050471'],
  [1234567890, '89005924'],
  [2000000000, '69279037'],
  [20000000000, '65353130'],
])('the code at second %i is the one of RFC 6238', (second, code) => {
  expect(codeOf(secret, stepAt(new Date(second * 1000)), 8)).toBe(code);
});

// RFC 4648, section 10.
test.each([
  ['f', 'MY'],
  ['foobar', 'MZXW6YTBOI'],
])('base32 of %s is the one of RFC 4648', (text, expected) => {
  expect(base32(Buffer.from(text))).toBe(expected);
});

test('codes of the present step and its neighbours are found, others are not', () => {
  const now = new Date('2026-11-28T12:00:10Z');
  const step = stepAt(now);
  for (const near of [step - 1, step, step + 1]) {
    expect(stepOfCode(secret, codeOf(secret, near), now)).toBe(near);
  }
  for (const far of [step - 2, step + 2]) {
    expect(stepOfCode(secret, codeOf(secret, far), now)).toBeNull();
  }
  expect(stepOfCode(secret, '', now)).toBeNull();
});

test('secrets have 160 bits and are never the same', () => {
  expect(newTotpSecret().expose()).toMatch(/^[A-Z2-7]{32}$/);
  expect(newTotpSecret().equals(newTotpSecret())).toBe(false);
});

test('the address names the installation, the person and the secret', () => {
  expect(totpAddress(secret, 'ada@example.test', 'rekey.example.com')).toBe(
    `otpauth://totp/Rekey%20rekey.example.com:ada%40example.test?secret=${secret.expose()}&issuer=Rekey%20rekey.example.com`,
  );
});
