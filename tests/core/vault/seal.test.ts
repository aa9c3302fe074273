import { createCipheriv, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeEach, expect, test, vi } from 'vitest';
import { openFields, sealFields } from '#core/vault/fields.ts';
import { open, seal, VaultError } from '#core/vault/seal.ts';
import { Plaintext } from '#lib/plaintext.ts';

const keyring = vi.hoisted(() => new Map<string, Buffer>());
vi.mock('#lib/env.ts', () => ({ env: () => ({ REKEY_MASTER_KEYS: keyring }) }));

const OLD = Buffer.alloc(32, 1);
const NEW = Buffer.alloc(32, 2);
const place = { table: 'secret_versions', id: 'a', field: 'sealed' };
const CANARY = 'canary-5d8a0';

/** The first one seals. */
function useKeys(...keys: [string, Buffer][]): void {
  keyring.clear();
  for (const [id, key] of keys) keyring.set(id, key);
}

beforeEach(() => useKeys(['old', OLD]));

test('what is sealed opens again, whatever its characters and its length', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (value) => {
      expect(open(place, seal(place, new Plaintext(value))).expose()).toBe(value);
    }),
  );
});

test('64 KiB are sealed and opened again', () => {
  const value = 'ß€𝄞\0\n'.repeat(64 * 1024).slice(0, 64 * 1024);
  expect(open(place, seal(place, new Plaintext(value))).expose()).toBe(value);
});

test.each([
  ['row', { ...place, id: 'b' }],
  ['field', { ...place, field: 'other' }],
  ['table', { ...place, table: 'issuers' }],
  ['place whose names run together the same', { table: 'secret_version', id: 'sa', field: 'sealed' }],
])('a value moved to another %s does not open', (_what, elsewhere) => {
  const sealed = seal(place, new Plaintext(CANARY));
  expect(() => open(elsewhere, sealed)).toThrow(VaultError);
});

test('a value with any one bit of its text changed does not open', () => {
  // 28 bytes plus these lengths leave no, two and four spare bits in the last character of base64.
  for (const value of ['12', '123', '1']) {
    const sealed = Buffer.from(seal(place, new Plaintext(value)));
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => open(place, changed.toString('latin1')), `bit ${bit} of ${sealed}`).toThrow(VaultError);
    }
  }
});

test('a value that was cut, lengthened or put together from two does not open', () => {
  const sealed = seal(place, new Plaintext(CANARY));
  const other = seal(place, new Plaintext('another'));
  const [version, key, wrapped] = sealed.split('.');
  const mixed = [version, key, wrapped, other.split('.')[3]].join('.');
  const cut = Array.from({ length: sealed.length }, (_, length) => sealed.slice(0, length));
  for (const text of [...cut, `${sealed}.more`, `${sealed}=`, `${sealed}\n`, ` ${sealed}`, mixed]) {
    expect(() => open(place, text), text).toThrow(VaultError);
  }
});

test('a value wrapped by another key of the same name does not open', () => {
  const sealed = seal(place, new Plaintext(CANARY));
  useKeys(['old', NEW]);
  expect(() => open(place, sealed)).toThrow(VaultError);
});

test('the first key of the keyring seals, and an older one still opens', () => {
  const before = seal(place, new Plaintext(CANARY));
  useKeys(['new', NEW], ['old', OLD]);
  expect(open(place, before).expose()).toBe(CANARY);
  const after = seal(place, new Plaintext(CANARY));
  expect(after).toMatch(/^v1\.new\./);
  useKeys(['new', NEW]);
  expect(open(place, after).expose()).toBe(CANARY);
});

test('a value whose master key is gone names the key and the place', () => {
  const sealed = seal(place, new Plaintext(CANARY));
  useKeys(['new', NEW]);
  expect(() => open(place, sealed)).toThrow(/sealed of secret_versions a .*"old".*REKEY_MASTER_KEYS/);
});

test('a value that was never sealed is refused without repeating any of it', () => {
  for (const value of [CANARY, `x.${CANARY}.y.z`, `v1.${CANARY}_.y.z`, '']) {
    const attempt = () => open(place, value);
    expect(attempt).toThrow(VaultError);
    expect(attempt).not.toThrow(CANARY);
  }
});

test('the sealed text holds nothing of the value, in any encoding', () => {
  const sealed = seal(place, new Plaintext(CANARY));
  const [, , , box = ''] = sealed.split('.');
  for (const text of [sealed, Buffer.from(box, 'base64url').toString('latin1')]) {
    expect(text).not.toContain(CANARY);
    expect(text).not.toContain(Buffer.from(CANARY).toString('hex'));
    expect(text).not.toContain(Buffer.from(CANARY).toString('base64url'));
  }
});

test('the same value sealed twice differs, because no nonce is ever used twice', () => {
  const texts = Array.from({ length: 200 }, () => seal(place, new Plaintext(CANARY)).split('.'));
  for (const part of [2, 3]) {
    const nonces = texts.map((parts) => Buffer.from(parts[part] ?? '', 'base64url').toString('hex', 0, 12));
    expect(new Set(nonces).size).toBe(200);
  }
});

test('the format stays what it is: AES-256-GCM, nonce first and tag last, bound to place and key', () => {
  const bound = Buffer.from(JSON.stringify(['v1', place.table, place.id, place.field, 'old']));
  const encrypt = (key: Buffer, data: Buffer) => {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound);
    return Buffer.concat([nonce, cipher.update(data), cipher.final(), cipher.getAuthTag()]).toString(
      'base64url',
    );
  };
  const dataKey = randomBytes(32);
  const made = ['v1', 'old', encrypt(OLD, dataKey), encrypt(dataKey, Buffer.from(CANARY))].join('.');
  expect(open(place, made).expose()).toBe(CANARY);
});

test('without a master key nothing is sealed', () => {
  useKeys();
  expect(() => seal(place, new Plaintext(CANARY))).toThrow(VaultError);
});

test('named fields are sealed as one value and open to the same names', () => {
  const fields = { clientId: new Plaintext('id'), größe: new Plaintext('ü'), '': new Plaintext('') };
  const opened = openFields(place, sealFields(place, fields));
  expect(Object.keys(opened)).toEqual(Object.keys(fields));
  expect(opened.clientId?.expose()).toBe('id');
  expect(openFields(place, null)).toEqual({});
});
