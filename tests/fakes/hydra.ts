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
  client(clientId: string): FakeClient;
}

/** The part of the admin API and of the token endpoint of Ory Hydra 2 that the connector uses. */
export async function fakeHydra(): Promise<FakeHydra> {
  const server = await fakeServer((asked) => answer(fake, asked));
  const fake: FakeHydra = Object.assign(server, {
    clients: [client('fleet/api', 'first-secret'), client('sibling', 'sibling-secret')],
    apiKey: 'ory_pat_first-key',
    refused: false,
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
    return tokenAnswer(one !== undefined && one.client_secret === secret);
  }
  if (fake.refused || asked.bearer !== fake.apiKey)
    return [401, { error: { code: 401, status: 'Unauthorized', message: 'Access credentials are invalid' } }];
  if (asked.path === '/admin/clients') return [200, fake.clients.map(shown)];
  const one = fake.clients.find(({ client_id }) => asked.path === `/admin/clients/${client_id}`);
  if (one === undefined)
    return [404, { error: 'Not Found', error_description: 'Unable to locate the requested resource' }];
  return asked.method === 'PATCH' ? patched(one, asked.json) : [200, shown(one)];
}

/** `PATCH` gives the secret back where it was set, as nothing else does. */
function patched(one: FakeClient, operations: unknown): Answer {
  if (!Array.isArray(operations)) return [400, { error: 'invalid_request' }];
  for (const operation of operations) {
    const { op, path, value } = recordOf(operation);
    if (op !== 'replace' || typeof path !== 'string') return [400, { error: 'invalid_request' }];
    const name = path.slice(1);
    if (name === 'client_secret' && (typeof value !== 'string' || value.length < 6))
      return [400, { error: 'invalid_client_metadata' }];
    Object.assign(one, { [name]: value });
  }
  return [200, one];
}

function shown({ client_secret: _hashed, ...rest }: FakeClient) {
  return rest;
}
