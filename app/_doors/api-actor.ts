import { jwtVerify } from 'jose';
import { z } from 'zod';
import { TOKEN_ALGORITHM, tokenKey } from '#app/_doors/token-key.ts';
import { accessToken as words } from '#app/_words/doors.ts';
import { type Actor, type Role, system } from '#core/access/actor.ts';
import { identifyApiClient } from '#core/clients/identify-api-client.ts';
import { env } from '#lib/env.ts';
import { Problem } from '#lib/problem.ts';

/** What access tokens are for: this Rekey's own API (RFC 8707). */
export const tokenAudience = () => `${env().REKEY_URL.origin}/api/v1`;

/** Who issues them: this Rekey. */
export const tokenIssuer = () => env().REKEY_URL.origin;

/** A token with `rekey:write` does what its client's role may; one without it only reads. */
export const scopes = { read: 'rekey:read', write: 'rekey:write' };

const refused = (why: string) => new Problem(401, 'invalid_token', `${why} ${words.getNew(tokenIssuer())}`);

function bearerToken(request: Request): string {
  const token = /^bearer +([\w.~+/-]+=*) *$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (token === undefined) {
    throw new Problem(401, 'token_missing', words.missing(tokenIssuer()));
  }
  return token;
}

const claimsSchema = z.object({
  client_id: z.uuid(),
  iat: z.number(),
  scope: z
    .string()
    .default('')
    .transform((scope) => scope.split(' ')),
});

/** Checks a token as RFC 9068 section 4 asks. Whatever is wrong with it, nothing of it is repeated. */
async function readToken(token: string): Promise<z.output<typeof claimsSchema>> {
  try {
    const { payload } = await jwtVerify(token, tokenKey().publicKey, {
      algorithms: [TOKEN_ALGORITHM],
      typ: 'at+jwt',
      issuer: tokenIssuer(),
      audience: tokenAudience(),
      requiredClaims: ['exp', 'iat', 'sub', 'client_id', 'jti'],
    });
    return claimsSchema.parse(payload);
  } catch {
    throw refused(words.invalid);
  }
}

/** Without `rekey:write` every role is left with looking: as a viewer, and an auditor at all that auditors see. */
function narrowed(role: Role, granted: readonly string[]): { role: Role; looksOnly?: true } {
  if (granted.includes(scopes.write)) {
    return { role };
  }
  return role === 'auditor' ? { role, looksOnly: true } : { role: 'viewer' };
}

/**
 * Who calls the API: the client of the access token in the request (RFC 6750). The client is read from the database at
 * every call. A token younger than five minutes counts as a fresh proof, because it was got with the client's secret.
 * Throws a `Problem` 401 with the code `token_missing` or `invalid_token`, or 403 `insufficient_scope`;
 * `bearerChallenge` turns that into the header `WWW-Authenticate`.
 */
export async function apiActor(request: Request): Promise<Extract<Actor, { kind: 'api_client' }>> {
  const claims = await readToken(bearerToken(request));
  if (!claims.scope.some((scope) => scope === scopes.read || scope === scopes.write)) {
    throw new Problem(403, 'insufficient_scope', words.noScope(Object.values(scopes)));
  }
  const client = await identifyApiClient(system('api'), { clientId: claims.client_id });
  if (client === null) {
    throw refused(words.revoked);
  }
  const address = request.headers.get('x-real-ip');
  return {
    kind: 'api_client',
    id: client.id,
    name: client.name,
    ...narrowed(client.role, claims.scope),
    scope: { environments: client.environments, labels: client.labels },
    stepUpAt: new Date(claims.iat * 1000),
    ...(address === null ? {} : { address }),
  };
}

/** The header `WWW-Authenticate` for a refusal of `apiActor` (RFC 6750 section 3). */
export function bearerChallenge({ code }: Pick<Problem, 'code'>): string {
  const error = code === 'invalid_token' || code === 'insufficient_scope' ? `, error="${code}"` : '';
  return `Bearer realm="rekey"${error}`;
}
