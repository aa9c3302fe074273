import type { Provider } from 'next-auth/providers/index';
import { type Role, roles, system } from '#core/access/actor.ts';
import { signInWithIdentity } from '#core/users/sign-in-with-identity.ts';
import { env } from '#lib/env.ts';
import { log } from '#lib/log.ts';
import { Problem } from '#lib/problem.ts';

export const PROVIDER = 'oidc';

type Claims = Readonly<Record<string, unknown>>;

/** Who knocks, for the session and the audit. */
export interface Knocker {
  address: string;
  userAgent: string;
  /** The session that their browser has and that counts. */
  sessionBefore?: string;
}

/** What single sign-on is configured with; null where it is not. */
export function singleSignOn() {
  const { REKEY_OIDC_ISSUER, REKEY_OIDC_CLIENT_ID, REKEY_OIDC_CLIENT_SECRET, REKEY_OIDC_NAME, ...rest } =
    env();
  if (
    REKEY_OIDC_ISSUER === undefined ||
    REKEY_OIDC_CLIENT_ID === undefined ||
    REKEY_OIDC_CLIENT_SECRET === undefined
  ) {
    return null;
  }
  return {
    issuer: REKEY_OIDC_ISSUER,
    clientId: REKEY_OIDC_CLIENT_ID,
    clientSecret: REKEY_OIDC_CLIENT_SECRET,
    name: REKEY_OIDC_NAME,
    claim: rest.REKEY_OIDC_ROLE_CLAIM,
    mapping: rest.REKEY_OIDC_ROLES,
    redirect: `${rest.REKEY_URL.origin}/api/auth/callback/${PROVIDER}`,
  };
}

/**
 * Generic OpenID Connect: code flow with PKCE, state and nonce; next-auth verifies the identity token. Who has a session already comes to
 * prove anew who they are: the provider is told to ask them, also where it knows them still, and to say when they signed in.
 */
export function oidcProviders({ sessionBefore }: Knocker): Provider[] {
  const config = singleSignOn();
  if (config === null) {
    return [];
  }
  const anew = sessionBefore === undefined ? {} : { prompt: 'login', max_age: 0 };
  return [
    {
      id: PROVIDER,
      name: config.name,
      type: 'oauth',
      issuer: config.issuer,
      wellKnown: `${config.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
      clientId: config.clientId,
      clientSecret: config.clientSecret,
      authorization: { params: { scope: 'openid email profile', ...anew } },
      idToken: true,
      checks: ['pkce', 'state', 'nonce'],
      profile: (claims: { sub: string }) => ({ id: claims.sub }),
    },
  ];
}

/** The first entry of the mapping that the claim has decides; `*` is for everybody. */
export function roleOf(
  claims: Claims,
  claim: string,
  mapping: readonly (readonly [string, string])[],
): Role | null {
  const value = claims[claim];
  const groups = (Array.isArray(value) ? value : [value]).filter((group) => typeof group === 'string');
  const found = mapping.find(([group]) => group === '*' || groups.includes(group))?.[1];
  return roles.find((role) => role === found) ?? null;
}

/** Seconds, as OpenID Connect tells times. */
const timeOf = (value: unknown) => (typeof value === 'number' ? new Date(value * 1000) : undefined);

const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

/** Opens the session of who comes back. Answers its id, or where to go with the code of a refusal. */
export async function openWith(
  claims: Claims,
  knocker: Knocker,
): Promise<{ sessionId: string } | { to: string }> {
  const config = singleSignOn();
  const email = textOf(claims.email);
  // An address that its owner has not shown to be theirs would let them take somebody's name in lists and in the audit.
  if (config === null || email === undefined || claims.email_verified === false) {
    return { to: '/sign-in?error=no_email' };
  }
  try {
    return await signInWithIdentity(system('single sign-on'), {
      issuer: textOf(claims.iss) ?? '',
      sub: textOf(claims.sub) ?? '',
      email,
      emailIsVerified: claims.email_verified === true,
      name: textOf(claims.name) ?? email,
      role: roleOf(claims, config.claim, config.mapping),
      provenAt: timeOf(claims.auth_time),
      ...knocker,
    });
  } catch (error) {
    if (!(error instanceof Problem)) {
      log.error({ err: error }, 'single sign-on failed');
    }
    return { to: `/sign-in?error=${error instanceof Problem ? error.code : 'internal'}` };
  }
}
