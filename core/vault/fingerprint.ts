import { createHmac } from 'node:crypto';
import { env } from '#lib/env.ts';
import type { Plaintext } from '#lib/plaintext.ts';

/**
 * A name for a value that tells nothing about it: HMAC-SHA256 under a key of its own, 64 hex digits.
 * The same value has the same fingerprint everywhere, so a pasted secret is found without decrypting any.
 */
export function fingerprint(value: Plaintext): string {
  return createHmac('sha256', env().REKEY_FINGERPRINT_KEY).update(value.expose()).digest('hex');
}
