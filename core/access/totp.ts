import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Plaintext } from '#lib/plaintext.ts';

/* Time-based one-time passwords (RFC 6238 over RFC 4226), as authenticator apps make them: SHA-1, 30 seconds, 6 digits. */

const STEP_SECONDS = 30;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Base32 (RFC 4648) without padding. */
export function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => ALPHABET[Number.parseInt(group.padEnd(5, '0'), 2)]).join('');
}

function fromBase32(text: string): Buffer {
  const bits = [...text].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** 160 bits, as RFC 4226 recommends, in base32. */
export const newTotpSecret = () => new Plaintext(base32(randomBytes(20)));

/** The code of a time step (RFC 4226 section 5.3). */
export function codeOf(secret: Plaintext, step: number, digits = 6): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', fromBase32(secret.expose())).update(counter).digest();
  const offset = mac.readUInt8(19) & 0xf;
  const number = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

export const stepAt = (now: Date) => Math.floor(now.getTime() / 1000 / STEP_SECONDS);

/**
 * The step whose code this is: the present one, or the one before or after it, for clocks that differ. Null where it is none of
 * them. That a step is used once only is for the caller to see to.
 */
export function stepOfCode(secret: Plaintext, code: string, now: Date): number | null {
  const given = Buffer.from(code);
  const present = stepAt(now);
  const found = [present, present - 1, present + 1].filter((step) => {
    const expected = Buffer.from(codeOf(secret, step));
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  return found[0] ?? null;
}

/** What an authenticator reads from a QR code. */
export function totpAddress(secret: Plaintext, email: string, host: string): string {
  const label = `${encodeURIComponent(`Rekey ${host}`)}:${encodeURIComponent(email)}`;
  const issuer = encodeURIComponent(`Rekey ${host}`);
  return `otpauth://totp/${label}?secret=${secret.expose()}&issuer=${issuer}`;
}
