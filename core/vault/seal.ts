import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { env } from '#lib/env.ts';
import { Plaintext } from '#lib/plaintext.ts';

/** Where a sealed value lives. It is bound into the ciphertext, so a value moved to another row does not open. */
export interface Place {
  table: string;
  id: string;
  field: string;
}

/** A sealed value that cannot be opened: it was changed, moved, or its master key is gone. */
export class VaultError extends Error {
  override readonly name = 'VaultError';
}

const VERSION = 'v1';
const NONCE = 12;
const TAG = 16;

function encrypt(key: Buffer, data: Buffer, bound: string): Buffer {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(bound));
  return Buffer.concat([nonce, cipher.update(data), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, box: Buffer, bound: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, NONCE), { authTagLength: TAG })
    .setAAD(Buffer.from(bound))
    .setAuthTag(box.subarray(-TAG));
  return Buffer.concat([decipher.update(box.subarray(NONCE, -TAG)), decipher.final()]);
}

const boundTo = (place: Place, keyId: string) =>
  JSON.stringify([VERSION, place.table, place.id, place.field, keyId]);

/**
 * Encrypts with AES-256-GCM under a data key of its own, which is wrapped by the first master key of the keyring.
 * The text carries the format, the master key's id, the wrapped data key and the ciphertext.
 */
export function seal(place: Place, plaintext: Plaintext): string {
  const [first] = env().REKEY_MASTER_KEYS;
  if (first === undefined) {
    throw new VaultError('No master key is configured.');
  }
  const [keyId, masterKey] = first;
  const bound = boundTo(place, keyId);
  const dataKey = randomBytes(32);
  const wrapped = encrypt(masterKey, dataKey, bound);
  const box = encrypt(dataKey, Buffer.from(plaintext.expose()), bound);
  return [VERSION, keyId, wrapped.toString('base64url'), box.toString('base64url')].join('.');
}

/** The exact text that `seal` writes: another spelling of the same bytes does not count. */
function parse(sealed: string): { keyId: string; wrapped: Buffer; box: Buffer } | null {
  const [, keyId, wrapped, box] = /^v1\.([a-z0-9-]{1,32})\.([\w-]+)\.([\w-]+)$/.exec(sealed) ?? [];
  if (keyId === undefined || wrapped === undefined || box === undefined) {
    return null;
  }
  const bytes = { keyId, wrapped: Buffer.from(wrapped, 'base64url'), box: Buffer.from(box, 'base64url') };
  const exact = bytes.wrapped.toString('base64url') === wrapped && bytes.box.toString('base64url') === box;
  return exact ? bytes : null;
}

/**
 * The same value, sealed with the first master key; null where it is already. The master key's id is bound into both
 * parts, so the value is opened and sealed anew, under a data key of its own. Throws `VaultError` as `open` does.
 */
export function reseal(place: Place, sealed: string): string | null {
  const value = open(place, sealed);
  const [first] = env().REKEY_MASTER_KEYS.keys();
  return parse(sealed)?.keyId === first ? null : seal(place, value);
}

/** Decrypts what `seal` made for the same place, with any key of the keyring. Throws `VaultError`. */
export function open(place: Place, sealed: string): Plaintext {
  const where = `The ${place.field} of ${place.table} ${place.id}`;
  const parts = parse(sealed);
  if (parts === null) {
    throw new VaultError(
      `${where} does not open: it is no sealed value of this version. It was changed, or a newer Rekey wrote it.`,
    );
  }
  const { keyId, wrapped, box } = parts;
  const masterKey = env().REKEY_MASTER_KEYS.get(keyId);
  if (masterKey === undefined) {
    throw new VaultError(
      `${where} was sealed with the master key "${keyId}", which is not in REKEY_MASTER_KEYS. Add that key and try again; nothing is lost.`,
    );
  }
  const bound = boundTo(place, keyId);
  try {
    const dataKey = decrypt(masterKey, wrapped, bound);
    return new Plaintext(decrypt(dataKey, box, bound).toString());
  } catch {
    throw new VaultError(`${where} does not open: it was changed or moved, or the key is another one.`);
  }
}
