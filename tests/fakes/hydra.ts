import { randomBytes } from 'node:crypto';
import {
  type Answer,
  type Asked,
  type FakeServer,
  fakeServer,
  recordOf,
  shownBy,
  tokenAnswer,
} from './oauth-server.ts';

interface FakeClient extends Record<string, unknown> {
  client_id: string;
  client_secret: string;
}

export interface FakeHydra extends FakeServer {
  readonly clients: FakeClient[];
  readonly apiKey: string;
  refused: boolean;
  /** Whether it has the endpoints that keep old secrets. */
  rotates: boolean;
  /** The old secrets that work, by client; at most five each. */
  readonly old: Map<string, string[]>;
  client(clientId: string): FakeClient;
}

/** The part of the admin API and of the token endpoint of Ory Hydra 2 that the connector uses. */
export async function fakeHydra(): Promise<FakeHydra> {
  const server = await fakeServer((asked) => answer(fake, asked));
  const fake: FakeHydra = Object.assign(server, {
    clients: [client('fleet/api', 'first-secret'), client('sibling', 'sibling-secret')],
    apiKey: 'ory_pat_first-key',
    refused: false,
    rotates: true,
    old: new Map<string, string[]>(),
    client: (clientId: string) => {
      const one = fake.clients.find(({ client_id }) => client_id === clientId);
      if (one === undefined) throw new Error(`the fake has no client ${clientId}`);
      return one;
    },
  });
  return fake;
}

function client(clientId: string, secret: string): FakeClient {
  return {
    client_id: clientId,
    client_name: `The ${clientId}`,
    client_secret: secret,
    grant_types: ['client_credentials'],
    metadata: { owner: 'ops' },
    token_endpoint_auth_method: 'client_secret_basic',
  };
}

function answer(fake: FakeHydra, asked: Asked): Answer {
  if (asked.path === '/oauth2/token') {
    const { clientId, secret } = shownBy(asked);
    const one = fake.clients.find(({ client_id }) => client_id === clientId);
    const old = fake.old.get(clientId) ?? [];
    return tokenAnswer(one !== undefined && [one.client_secret, ...old].includes(secret));
  }
  if (fake.refused || asked.bearer !== fake.apiKey)
    return [401, { error: { code: 401, status: 'Unauthorized', message: 'Access credentials are invalid' } }];
  if (asked.path === '/admin/clients') return [200, fake.clients.map(shown)];
  const [, path, rotating] = /^(.*?)(\/secrets\/rotate)?$/.exec(asked.path) ?? [];
  const one = fake.clients.find(({ client_id }) => path === `/admin/clients/${client_id}`);
  if (one === undefined || (rotating && !fake.rotates))
    return [404, { error: 'Not Found', error_description: 'Unable to locate the requested resource' }];
  if (rotating) return asked.method === 'POST' ? rotated(fake, one) : ended(fake, one);
  return asked.method === 'PATCH' ? patched(fake, one, asked.json) : [200, shown(one)];
}

function rotated(fake: FakeHydra, one: FakeClient): Answer {
  fake.old.set(one.client_id, [one.client_secret, ...(fake.old.get(one.client_id) ?? [])].slice(0, 5));
  one.client_secret = randomBytes(20).toString('base64url');
  return [200, one];
}

function ended(fake: FakeHydra, one: FakeClient): Answer {
  fake.old.delete(one.client_id);
  return [200, shown(one)];
}

/** `PATCH` gives the secret back where it was set, as nothing else does; setting one ends the old ones. */
function patched(fake: FakeHydra, one: FakeClient, operations: unknown): Answer {
  if (!Array.isArray(operations)) return [400, { error: 'invalid_request' }];
  for (const operation of operations) {
    const { op, path, value } = recordOf(operation);
    if (
      path === '/metadata/rekey_secret' &&
      op === 'add' &&
      typeof one.metadata === 'object' &&
      one.metadata
    ) {
      one.metadata = { ...one.metadata, rekey_secret: value };
    } else if (path === '/metadata' && op === 'add') {
      one.metadata = value;
    } else if (path === '/client_secret' && op === 'replace' && typeof value === 'string') {
      if (value.length < 6) return [400, { error: 'invalid_client_metadata' }];
      one.client_secret = value;
      fake.old.delete(one.client_id);
      return [200, one];
    } else return [400, { error: 'invalid_request' }];
  }
  return [200, shown(one)];
}

function shown({ client_secret: _hashed, ...rest }: FakeClient) {
  return rest;
}
