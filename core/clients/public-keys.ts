import { createPublicKey } from 'node:crypto';
import { z } from 'zod';

const MOST_KEYS = 5;

const keySchema = z
  .looseObject({ kty: z.enum(['EC', 'RSA', 'OKP']), kid: z.string().optional() })
  .refine(
    (key) => !('d' in key),
    'This is a private key. It stays with the program; Rekey takes the public part only.',
  )
  .refine(
    isStrong,
    'This is no public key that signatures can be checked with: an RSA key has 2048 bits or more.',
  );

function isStrong(jwk: Readonly<Record<string, unknown>>): boolean {
  try {
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    return key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048;
  } catch {
    return false;
  }
}

/** Public keys that a program's assertions are checked with (RFC 7517). Two at a time let it change its key. */
export const publicKeysSchema = z.object({
  keys: z
    .array(keySchema)
    .min(1, 'There is no key in this set.')
    .max(MOST_KEYS, `A client has ${MOST_KEYS} keys at most.`),
});
