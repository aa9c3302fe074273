import { SignJWT } from 'jose';
import { tokenAudience, tokenIssuer } from '#app/_doors/api-actor.ts';
import { TOKEN_ALGORITHM, tokenKey } from '#app/_doors/token-key.ts';
import type { Role } from '#core/access/actor.ts';
import { db } from '#lib/db.ts';

let count = 0;

/** An API client as the database has it, without a secret. */
export async function makeApiClient(role: Role = 'operator'): Promise<{ id: string; name: string }> {
  count += 1;
  const createdBy = { kind: 'system', id: null, name: 'test' };
  return db().prisma.apiClient.create({ data: { name: `client-${count}`, role, createdBy } });
}

interface TokenWish {
  readonly clientId: string;
  readonly scope?: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly type?: string;
  /** Seconds since 1970. */
  readonly issuedAt?: number;
  readonly expiresAt?: number;
  readonly key?: CryptoKey;
}

const now = () => Math.floor(Date.now() / 1000);

/** An access token as the token endpoint would make it, unless something else is wished for. */
export function accessToken(wish: TokenWish): Promise<string> {
  const { clientId, scope = 'rekey:read rekey:write', issuedAt = now() } = wish;
  return new SignJWT({ client_id: clientId, scope })
    .setProtectedHeader({ alg: TOKEN_ALGORITHM, typ: wish.type ?? 'at+jwt', kid: tokenKey().keyId })
    .setSubject(clientId)
    .setJti(crypto.randomUUID())
    .setIssuer(wish.issuer ?? tokenIssuer())
    .setAudience(wish.audience ?? tokenAudience())
    .setIssuedAt(issuedAt)
    .setExpirationTime(wish.expiresAt ?? issuedAt + 600)
    .sign(wish.key ?? { ...tokenKey().privateJwk, kty: 'EC' });
}
