import { createHmac, randomBytes } from 'node:crypto';
import { Plaintext } from '#lib/plaintext.ts';

/* Signatures and secrets as Standard Webhooks 1.0 has them (https://www.standardwebhooks.com). */

const PREFIX = 'whsec_';

/** The bytes that a signing secret stands for. */
export function signingKey(secret: Plaintext): Buffer {
  return Buffer.from(secret.expose().slice(PREFIX.length), 'base64');
}

/** base64(HMAC-SHA256) of a text with the key that the secret stands for. */
export function signature(secret: Plaintext, text: string): string {
  return createHmac('sha256', signingKey(secret)).update(text).digest('base64');
}

/** A new signing secret of 256 random bits. Its end is a hint for people. */
export function newSigningSecret(): { secret: Plaintext; hint: string } {
  const value = `${PREFIX}${randomBytes(32).toString('base64')}`;
  return { secret: new Plaintext(value), hint: value.replace(/=+$/, '').slice(-4) };
}
