import { randomBytes } from 'node:crypto';
import { Plaintext } from '#lib/plaintext.ts';
import { accessToken, googleFailure, googleToken, serviceAccountKey } from './google.ts';
import { type Answer, type Asked, type JsonApi, jsonApi } from './json-api.ts';
import type { IssuerWorld } from './world.ts';

interface Credential {
  clientSecret: string;
  disabled: boolean;
  displayName: string;
}

/** IAM API v1 with one OAuth client, the permissions of Resource Manager, and the endpoint where the client signs in. */
export interface FakeOauthClients {
  readonly api: JsonApi;
  readonly credentials: Map<string, Credential>;
  client: { state: string; disabled: boolean } | undefined;
  permissions: string[];
  /** Whether the sign-in looks at the secret before the code. */
  looksAtSecretFirst: boolean;
}

export const clientId = 'a1b2c3d4e5f6';
const parent = '/v1/projects/acme/locations/global/oauthClients/my-client';

export async function fakeOauthClients(): Promise<FakeOauthClients> {
  const api = await jsonApi((asked) => answer(fake, asked));
  const fake: FakeOauthClients = {
    api,
    credentials: new Map([
      ['first', { clientSecret: 'first-secret', disabled: false, displayName: 'By hand' }],
    ]),
    client: { state: 'ACTIVE', disabled: false },
    permissions: ['create', 'get', 'list', 'update', 'delete'],
    looksAtSecretFirst: true,
  };
  return fake;
}

function answer(fake: FakeOauthClients, asked: Asked): Answer {
  if (asked.path === '/token') return googleToken(asked);
  if (asked.path === '/v1/oauthtoken') return signIn(fake, asked);
  if (asked.headers.authorization !== `Bearer ${accessToken}`) {
    return googleFailure(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.');
  }
  if (asked.path === '/v1/projects/acme:testIamPermissions') {
    const wanted = asked.body.permissions as string[];
    const granted = wanted.filter((one) => fake.permissions.includes(one.split('.').at(-1) ?? ''));
    return { status: 200, body: granted.length > 0 ? { permissions: granted } : {} };
  }
  if (asked.path === parent.replace('/my-client', '') && fake.client !== undefined) {
    const gone = { name: `${parent.slice(4)}-2`, clientId: 'x', state: 'DELETED' };
    return {
      status: 200,
      body: { oauthClients: [{ name: parent.slice(4), clientId, ...fake.client }, gone] },
    };
  }
  if (!asked.path.startsWith(parent) || fake.client === undefined) return missing('OAuth client');
  const rest = asked.path.slice(parent.length);
  if (rest === '') return { status: 200, body: { name: parent.slice(4), clientId, ...fake.client } };
  if (rest === '/credentials') return asked.method === 'POST' ? created(fake, asked) : listed(fake);
  return one(fake, decodeURIComponent(rest.slice('/credentials/'.length)), asked);
}

const missing = (what: string) => googleFailure(404, 'NOT_FOUND', `${what} was not found.`);
const shown = (id: string, credential: Partial<Credential>) => ({
  name: `${parent.slice(4)}/credentials/${id}`,
  ...credential,
});

function listed({ credentials }: FakeOauthClients): Answer {
  const all = [...credentials].map(([id, { clientSecret: _secret, ...others }]) => shown(id, others));
  return { status: 200, body: all.length > 0 ? { oauthClientCredentials: all } : {} };
}

function created({ credentials }: FakeOauthClients, { query, body }: Asked): Answer {
  const id = query.get('oauthClientCredentialId') ?? '';
  if (!/^(?!gcp-)[a-z0-9-]{4,32}$/.test(id) || String(body.displayName).length > 32) {
    return googleFailure(400, 'INVALID_ARGUMENT', 'The ID is not valid.');
  }
  if (credentials.has(id)) return googleFailure(409, 'ALREADY_EXISTS', 'Requested entity already exists.');
  if (credentials.size >= 2) return googleFailure(400, 'FAILED_PRECONDITION', 'The limit was reached.');
  const made = {
    clientSecret: `GCS-${randomBytes(20).toString('base64url')}`,
    disabled: false,
    displayName: String(body.displayName),
  };
  credentials.set(id, made);
  return { status: 200, body: shown(id, made) };
}

function one({ credentials }: FakeOauthClients, id: string, { method, query, body }: Asked): Answer {
  const there = credentials.get(id);
  if (there === undefined) return missing('OAuth client credential');
  if (method === 'PATCH' && query.get('updateMask') === 'disabled') there.disabled = body.disabled === true;
  if (method === 'DELETE') {
    if (!there.disabled) return googleFailure(400, 'FAILED_PRECONDITION', 'It must be disabled first.');
    credentials.delete(id);
    return { status: 200, body: {} };
  }
  return { status: 200, body: shown(id, there) };
}

function signIn({ credentials, looksAtSecretFirst }: FakeOauthClients, { headers, text }: Asked): Answer {
  const [, basic = ''] = (headers.authorization ?? '').split(' ');
  const [id, secret] = Buffer.from(basic, 'base64').toString().split(':');
  const isRight = [...credentials.values()].some((one) => !one.disabled && one.clientSecret === secret);
  if (looksAtSecretFirst && (id !== clientId || !isRight)) {
    return {
      status: 401,
      body: { error: 'invalid_client', error_description: 'The OAuth client was not found.' },
    };
  }
  if (new URLSearchParams(text).get('grant_type') !== 'authorization_code') {
    return { status: 400, body: { error: 'unsupported_grant_type' } };
  }
  return { status: 400, body: { error: 'invalid_grant', error_description: 'The code is not valid.' } };
}

export async function googleOauthClientWorld(): Promise<IssuerWorld> {
  const { api } = await fakeOauthClients();
  return {
    config: {
      serviceAccountKey,
      tokenUrl: `${api.url}/token`,
      iamUrl: `${api.url}/`,
      resourceManagerUrl: api.url,
      signInUrl: `${api.url}/v1/oauthtoken`,
    },
    place: { project: 'acme', oauthClient: 'my-client', clientId },
    working: { clientId: new Plaintext(clientId), clientSecret: new Plaintext('first-secret') },
    initial: 'first',
    secrets: ['first-secret', accessToken, JSON.parse(serviceAccountKey).private_key],
    refuse: async () => {
      api.trouble = ({ path }) =>
        path === '/token' ? undefined : googleFailure(403, 'PERMISSION_DENIED', 'Permission denied.');
    },
    // An access token is kept for an hour, so what is out of order are the APIs behind it.
    breakDown: async () => {
      api.trouble = ({ path }) =>
        path === '/token' ? undefined : googleFailure(503, 'UNAVAILABLE', 'The service is unavailable.');
    },
    close: api.close,
  };
}
