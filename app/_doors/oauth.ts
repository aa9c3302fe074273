import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Adapter, type Context, errors, Provider, type ResourceServer } from 'oidc-provider';
import { z } from 'zod';
import { scopes, tokenAudience, tokenIssuer } from '#app/_doors/api-actor.ts';
import { TOKEN_ALGORITHM, tokenKey } from '#app/_doors/token-key.ts';
import { type Role, system } from '#core/access/actor.ts';
import { checkClientSecret } from '#core/clients/check-client-secret.ts';
import { identifyApiClient } from '#core/clients/identify-api-client.ts';
import { noteTokenRefusal } from '#core/clients/note-token-refusal.ts';
import { takeClientAssertion } from '#core/clients/take-client-assertion.ts';
import { env } from '#lib/env.ts';
import { log } from '#lib/log.ts';

/* The OAuth 2.0 token endpoint (RFC 6749 section 4.4), on oidc-provider, for API clients and nobody else. */

const TOKEN_PATH = '/oauth/token';
const METADATA_PATH = '/.well-known/oauth-authorization-server';
const paths: readonly string[] = [TOKEN_PATH, '/oauth/jwks', METADATA_PATH];

const TOKEN_SECONDS = 600;
const LONGEST_ASSERTION_SECONDS = 600;

const actor = system('token endpoint');
const isId = (id: string) => z.uuid().safeParse(id).success;

/** Viewers change nothing, so their clients are given nothing to change with. */
const scopeOf = (role: Role) => (role === 'viewer' ? scopes.read : `${scopes.read} ${scopes.write}`);

/** Never compared with anything: `compareClientSecret` asks the database. oidc-provider wants a value to be there. */
const standIn = randomBytes(32).toString('base64url');

/** Client metadata (RFC 7591 section 2), read at every request for a token. */
async function findClient(id: string): Promise<Record<string, unknown> | undefined> {
  const client = isId(id) ? await identifyApiClient(actor, { clientId: id }) : null;
  if (client === null) {
    return undefined;
  }
  const signsIn =
    client.jwks === null
      ? { token_endpoint_auth_method: 'client_secret_basic', client_secret: standIn }
      : { token_endpoint_auth_method: 'private_key_jwt', jwks: client.jwks };
  return {
    client_id: client.id,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    scope: scopeOf(client.role),
    ...signsIn,
  };
}

/** Clients are rows of ours, access tokens are signed and not stored: nothing else is ever kept. */
function adapterFor(model: string): Adapter {
  const nothing = async () => undefined;
  return {
    find: model === 'Client' ? findClient : nothing,
    findByUid: nothing,
    findByUserCode: nothing,
    upsert: async () => {
      throw new Error(`The token endpoint keeps no ${model}.`);
    },
    consume: nothing,
    destroy: nothing,
    revokeByGrantId: nothing,
  };
}

/** The library leaves out what it does not know, which makes a token that may do less than its client believes. */
function requireKnown(asked: string): void {
  const known: readonly string[] = Object.values(scopes);
  const unknown = asked.split(' ').filter((scope) => scope !== '' && !known.includes(scope));
  if (unknown.length > 0) {
    throw new errors.InvalidScope('there is no such scope', unknown.join(' '));
  }
}

/**
 * Tokens are for our own API. Whoever names no scope gets all that the client may have, and one that does not exist is refused
 * (RFC 6749 section 3.3).
 */
function resourceServer({ oidc }: Context, resource: string): ResourceServer {
  if (resource !== tokenAudience()) {
    throw new errors.InvalidTarget();
  }
  if (oidc?.params !== undefined) {
    oidc.params.scope ??= oidc.entities.Client?.scope;
    requireKnown(oidc.params.scope ?? '');
  }
  return {
    scope: Object.values(scopes).join(' '),
    audience: tokenAudience(),
    accessTokenFormat: 'jwt',
    accessTokenTTL: TOKEN_SECONDS,
    jwt: { sign: { alg: TOKEN_ALGORITHM } },
  };
}

function configuration(): ConstructorParameters<typeof Provider>[1] {
  const { privateJwk, keyId } = tokenKey();
  const off = { enabled: false };
  return {
    adapter: adapterFor,
    jwks: { keys: [{ ...privateJwk, kid: keyId, use: 'sig', alg: TOKEN_ALGORITHM }] },
    // No route that sets a cookie is served.
    cookies: { keys: [standIn] },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    clientDefaults: { id_token_signed_response_alg: TOKEN_ALGORITHM },
    enabledJWA: {
      idTokenSigningAlgValues: [TOKEN_ALGORITHM],
      clientAuthSigningAlgValues: ['ES256', 'PS256', 'RS256', 'EdDSA', 'Ed25519'],
    },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: off,
      dPoP: off,
      pushedAuthorizationRequests: off,
      resourceIndicators: {
        enabled: true,
        defaultResource: tokenAudience,
        getResourceServerInfo: resourceServer,
      },
      rpInitiatedLogout: off,
      userinfo: off,
    },
    responseTypes: [],
    scopes: Object.values(scopes),
    routes: { token: TOKEN_PATH, jwks: '/oauth/jwks' },
    ttl: { ClientCredentials: TOKEN_SECONDS },
    assertJwtClientAuthClaimsAndHeader: async (_, { exp }) => {
      if (exp > Date.now() / 1000 + LONGEST_ASSERTION_SECONDS) {
        throw new errors.InvalidClientAuth('the assertion lives for longer than ten minutes');
      }
    },
  };
}

/** What RFC 8414 names and is served here; oidc-provider adds what OpenID Connect wants. */
const metadataSchema = z.object({
  issuer: z.string(),
  token_endpoint: z.string(),
  jwks_uri: z.string(),
  scopes_supported: z.array(z.string()).transform(() => Object.values(scopes)),
  response_types_supported: z.array(z.string()),
  grant_types_supported: z.array(z.string()),
  token_endpoint_auth_methods_supported: z.array(z.string()),
  token_endpoint_auth_signing_alg_values_supported: z.array(z.string()),
});

const refusalSchema = z.object({ error: z.literal('invalid_client') });

/** After a request for a token was refused: note it, and say so when it happens too often. */
async function countRefusal(context: Context): Promise<void> {
  const clientId = context.oidc?.entities.Client?.clientId;
  if (clientId === undefined || !refusalSchema.safeParse(context.body).success) {
    return;
  }
  const address = String(context.req.headers['x-real-ip'] ?? 'unknown');
  const limited = await noteTokenRefusal(actor, { clientId, address });
  if (limited !== null) {
    context.status = 429;
    context.set({ 'retry-after': String(limited.retryAfterSeconds) });
    context.body = {
      error: 'invalid_client',
      error_description: `Too many refused requests of this client from this address. The right secret is still taken; others are not looked at before ${limited.retryAfterSeconds / 60} minutes have passed.`,
    };
  }
}

function createProvider(): Provider {
  const provider = new Provider(tokenIssuer(), configuration());
  provider.proxy = true;
  provider.Client.prototype.compareClientSecret = function compareClientSecret(presented) {
    return checkClientSecret(actor, { clientId: this.clientId, secret: presented });
  };
  // The library's own looks first and stores after; two processes could take the same assertion at the same time.
  provider.ReplayDetection.unique = (clientId, jti, expiresAt) =>
    takeClientAssertion(actor, { clientId, jti, secondsLeft: expiresAt - Date.now() / 1000 });
  provider.on('server_error', (_context, error) => log.error({ err: error }, 'the token endpoint failed'));
  provider.use(async (context, next) => {
    await next();
    if (context.path === METADATA_PATH) context.body = metadataSchema.parse(context.body);
    if (context.path === TOKEN_PATH) await countRefusal(context);
  });
  return provider;
}

export interface TokenEndpoint {
  /** Whether this request is for the token endpoint, its keys or its metadata. */
  serves(request: IncomingMessage): boolean;
  handle(request: IncomingMessage, response: ServerResponse): void;
}

/** The token endpoint, its key set and its metadata (RFC 8414). The process's Host check stands before it. */
export function createTokenEndpoint(): TokenEndpoint {
  const callback = createProvider().callback();
  const { host, protocol } = env().REKEY_URL;
  return {
    serves: ({ url }) => paths.includes((url ?? '').replace(/\?.*/s, '')),
    handle: (request, response) => {
      // Set over whatever the client sent: addresses in the metadata follow from these, and answers are always JSON.
      request.headers['x-forwarded-host'] = host;
      request.headers['x-forwarded-proto'] = protocol.replace(':', '');
      request.headers.accept = 'application/json';
      callback(request, response);
    },
  };
}
