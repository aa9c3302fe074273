import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { env } from '#lib/env.ts';

interface TokenKey {
  /** For the token endpoint's key set. It prints like any object, so it goes nowhere else. */
  readonly privateJwk: JsonWebKey;
  readonly publicKey: KeyObject;
  readonly keyId: string;
}

/** The algorithm of every access token: widely supported, and short (RFC 7518 section 3.4). */
export const TOKEN_ALGORITHM = 'ES256';

/** The id of a key is its thumbprint (RFC 7638), so that another key has another id. */
function thumbprint({ crv, kty, x, y }: JsonWebKey): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

let made: TokenKey | undefined;

/**
 * The key pair that access tokens are signed with: `REKEY_TOKEN_KEY` is the private number of a P-256 key. All web
 * processes have the same one, so that each takes the tokens of all.
 */
export function tokenKey(): TokenKey {
  if (made === undefined) {
    const curve = createECDH('prime256v1');
    curve.setPrivateKey(env().REKEY_TOKEN_KEY);
    const point = curve.getPublicKey();
    const coordinates = {
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    };
    const d = env().REKEY_TOKEN_KEY.toString('base64url');
    const privateJwk = { kty: 'EC', crv: 'P-256', ...coordinates, d };
    const publicKey = createPublicKey(createPrivateKey({ key: privateJwk, format: 'jwk' }));
    made = { privateJwk, publicKey, keyId: thumbprint(privateJwk) };
  }
  return made;
}
