import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Adapter, type Context, Provider } from 'oidc-provider';
import { z } from 'zod';
import { readBody } from '#demo/reply.ts';
import { type Faults, underFault } from '#demo/surfacescout/faults.ts';
import type { SecretStore } from '#demo/surfacescout/secret-store.ts';
import { Plaintext } from '#lib/plaintext.ts';

const TOKEN_LIMIT = 10_000;
const TOKEN_SECONDS = 300;
const TOKEN_PATH = '/oauth/token';

/** The paths the authorization server answers; the others of oidc-provider are not served. */
export const tokenServerPaths: readonly string[] = [
  TOKEN_PATH,
  '/oauth/jwks',
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
];

export interface TokenServer {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Whether this server issued the access token, and it has not expired. */
  knows(accessToken: string): Promise<boolean>;
}

/**
 * The OAuth 2.0 authorization server (RFC 6749 section 4.4, client credentials), on oidc-provider.
 * A secret signs in exactly when the store accepts it; any other is answered `invalid_client`.
 */
export function createTokenServer(
  issuer: string,
  store: SecretStore,
  faults: Faults,
  signal: AbortSignal,
): TokenServer {
  const provider = new Provider(issuer, configuration(store));
  provider.Client.prototype.compareClientSecret = function compareClientSecret(presented) {
    return store.accepts(this.clientId, new Plaintext(presented));
  };
  provider.use(namesOnlyWhatIsServed);
  provider.use((context, next) => withFault(context, next, faults, signal));
  const callback = provider.callback();
  return {
    handle: (request, response) => callback(request, response),
    knows: async (accessToken) => (await provider.ClientCredentials.find(accessToken)) !== undefined,
  };
}

function configuration(store: SecretStore) {
  const { signingKey, cookieKey } = store.keys;
  const off = { enabled: false };
  return {
    adapter: adapters(store),
    jwks: { keys: [{ ...signingKey, d: signingKey.d.expose(), use: 'sig', alg: 'ES256' }] },
    cookies: { keys: [cookieKey.expose()] },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post'],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: off,
      dPoP: off,
      pushedAuthorizationRequests: off,
      resourceIndicators: off,
      rpInitiatedLogout: off,
      userinfo: off,
    },
    responseTypes: [],
    scopes: [],
    routes: { token: TOKEN_PATH, jwks: '/oauth/jwks' },
    ttl: { ClientCredentials: TOKEN_SECONDS },
  };
}

function adapters(store: SecretStore): (model: string) => Adapter {
  const tokens = new BoundedTokens();
  const clients = new StoredClients(store);
  return (model) => (model === 'Client' ? clients : tokens);
}

/** Access tokens in memory: the newest 10,000. A token dropped for room is answered as an unknown one. */
class BoundedTokens implements Adapter {
  readonly #tokens = new Map<string, Record<string, unknown>>();

  async upsert(id: string, payload: Record<string, unknown>) {
    this.#tokens.set(id, payload);
    const [oldest] = this.#tokens.keys();
    if (oldest !== undefined && this.#tokens.size > TOKEN_LIMIT) this.#tokens.delete(oldest);
  }

  async find(id: string) {
    return this.#tokens.get(id);
  }

  async destroy(id: string) {
    this.#tokens.delete(id);
  }

  async findByUid() {
    return undefined;
  }

  async findByUserCode() {
    return undefined;
  }

  async consume() {}

  async revokeByGrantId() {}
}

/** Client metadata as oidc-provider wants it. The secret in it is a stand-in that no comparison uses. */
class StoredClients extends BoundedTokens {
  readonly #store: SecretStore;
  readonly #standIn = randomBytes(32).toString('base64url');

  constructor(store: SecretStore) {
    super();
    this.#store = store;
  }

  override async find(id: string) {
    if (!this.#store.client(id)) return undefined;
    return {
      client_id: id,
      client_secret: this.#standIn,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_basic',
    };
  }
}

/** oidc-provider always names an authorization endpoint; RFC 8414 section 2 lets a server without one leave it out. */
async function namesOnlyWhatIsServed(context: Context, next: () => Promise<void>) {
  await next();
  if (!context.path.startsWith('/.well-known/')) return;
  const metadata = z.looseObject({}).parse(context.body);
  delete metadata.authorization_endpoint;
  context.body = metadata;
}

async function withFault(context: Context, next: () => Promise<void>, faults: Faults, signal: AbortSignal) {
  if (context.path !== TOKEN_PATH || !faults.waits('token')) return next();
  const fault = faults.take(await clientIdOf(context.req), 'token');
  if (!fault) return next();
  const answer = await underFault(fault, next, signal);
  if (answer === 'drop') {
    context.respond = false;
    context.req.socket.destroy();
  } else if (answer) {
    context.status = answer.status;
    context.set(answer.headers);
    context.body = answer.body;
  }
}

async function clientIdOf(request: Context['req']): Promise<string> {
  const basic = /^basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (basic) return Buffer.from(basic, 'base64').toString('utf8').split(':')[0] ?? '';
  // oidc-provider reads a body that was read before from here.
  request.body = await readBody(request);
  return new URLSearchParams(request.body).get('client_id') ?? '';
}
