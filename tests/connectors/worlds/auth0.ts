import { randomUUID } from 'node:crypto';
import { Plaintext } from '#lib/plaintext.ts';
import { type Answered, type Asked, clientOf, type FakeApi, fakeApi } from '#tests/support/fake-api.ts';
import type { IssuerWorld } from './world.ts';

interface Auth0Client {
  client_id: string;
  name: string;
  app_type: string;
  client_secret: string;
  grant_types: string[];
  token_endpoint_auth_method: string | null;
}

export interface FakeAuth0 extends FakeApi {
  readonly managementSecret: string;
  /** What the management application is granted. */
  scopes: string[];
  readonly clients: Map<string, Auth0Client>;
}

const MANAGEMENT = 'rekey';
export const AUDIENCE = 'https://orders.example/';

/** The parts of the Management API v2 and the token endpoint that are used, after their reference pages. */
export async function fakeAuth0(): Promise<FakeAuth0> {
  const api = await fakeApi((asked) => (asked.path === '/oauth/token' ? token(asked) : management(asked)));
  const fake: FakeAuth0 = Object.assign(api, {
    managementSecret: `management-${randomUUID()}`,
    scopes: ['read:clients', 'update:clients', 'update:client_keys', 'read:client_keys'],
    clients: new Map(['orders', 'billing'].map((id) => [id, client(id)])),
  });
  const tokens = new Map<string, string[]>();

  function token(asked: Asked): Answered {
    const { id, secret, form } = clientOf(asked);
    const expected = id === MANAGEMENT ? fake.managementSecret : fake.clients.get(id)?.client_secret;
    if (secret !== expected) return [401, { error: 'access_denied', error_description: 'Unauthorized' }];
    const audience = id === MANAGEMENT ? `${api.url}/api/v2/` : AUDIENCE;
    if (form.get('audience') !== audience) {
      return [403, { error: 'access_denied', error_description: `Service not enabled within domain` }];
    }
    const value = randomUUID();
    tokens.set(value, id === MANAGEMENT ? fake.scopes : []);
    const scope = id === MANAGEMENT ? fake.scopes.join(' ') : 'orders';
    return [200, { access_token: value, scope, expires_in: 86400, token_type: 'Bearer' }];
  }

  function management({ method, path, query, headers, body }: Asked): Answered {
    const scopes = tokens.get(headers.authorization?.slice('Bearer '.length) ?? '');
    if (scopes === undefined)
      return [401, { statusCode: 401, error: 'Unauthorized', message: 'Invalid token' }];
    const lacks = (scope: string) => !scopes.includes(scope);
    const fields = query.get('fields')?.split(',') ?? [];
    if (method === 'GET' && lacks('read:clients')) return insufficient('read:clients');
    if (fields.includes('client_secret') && lacks('read:client_keys'))
      return insufficient('read:client_keys');
    if (path === '/api/v2/clients') {
      const all = [...fake.clients.values()];
      const start = Number(query.get('page')) * Number(query.get('per_page'));
      const clients = all.slice(start, start + Number(query.get('per_page'))).map((one) => only(one, fields));
      return [200, { start, limit: clients.length, total: all.length, clients }];
    }
    const found = fake.clients.get(decodeURIComponent(path.slice('/api/v2/clients/'.length)));
    if (method === 'PATCH' && lacks('update:clients')) return insufficient('update:clients');
    if (method === 'PATCH' && lacks('update:client_keys')) return insufficient('update:client_keys');
    if (found === undefined) {
      const message = 'The client does not exist';
      return [404, { statusCode: 404, error: 'Not Found', message, errorCode: 'inexistent_client' }];
    }
    if (method === 'PATCH') Object.assign(found, JSON.parse(body));
    return [200, only(found, fields.length > 0 ? fields : ['client_id', 'name', 'grant_types'])];
  }
  return fake;
}

function client(client_id: string): Auth0Client {
  return {
    client_id,
    name: `The ${client_id}`,
    app_type: 'non_interactive',
    client_secret: `${client_id}-${randomUUID()}`,
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'client_secret_post',
  };
}

const only = (one: Auth0Client, fields: readonly string[]) =>
  Object.fromEntries(Object.entries(one).filter(([name]) => fields.includes(name)));

function insufficient(scope: string): Answered {
  const message = `Insufficient scope, expected any of: ${scope}`;
  return [403, { statusCode: 403, error: 'Forbidden', message, errorCode: 'insufficient_scope' }];
}

export function auth0Entered(fake: FakeAuth0) {
  return {
    config: {
      address: fake.url,
      clientId: MANAGEMENT,
      clientSecret: fake.managementSecret,
      readsSecrets: true,
      audience: AUDIENCE,
    },
    place: { clientId: 'orders' },
  };
}

export async function auth0World(): Promise<IssuerWorld> {
  const fake = await fakeAuth0();
  const first = fake.clients.get('orders')?.client_secret ?? '';
  return {
    ...auth0Entered(fake),
    working: { clientId: new Plaintext('orders'), clientSecret: new Plaintext(first) },
    secrets: [first, fake.managementSecret],
    refuse: async () => {
      fake.scopes = [];
    },
    breakDown: async () => {
      fake.trouble = () => [503, { error: 'unavailable' }];
    },
    close: fake.close,
  };
}
