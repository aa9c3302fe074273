import { createHash, randomBytes } from 'node:crypto';
import { Plaintext } from '#lib/plaintext.ts';

/** What is stored of an API client's secret. SHA-256 is enough for 256 random bits: nothing shorter can be guessed. */
export function hashOfSecret(secret: Plaintext): string {
  return createHash('sha256').update(secret.expose()).digest('hex');
}

/** A new secret for an API client. Its prefix lets scanners of repositories know it; its end is a hint for people. */
export function newClientSecret(): { secret: Plaintext; hash: string; hint: string } {
  const value = `rekey_${randomBytes(32).toString('base64url')}`;
  const secret = new Plaintext(value);
  return { secret, hash: hashOfSecret(secret), hint: value.slice(-4) };
}
