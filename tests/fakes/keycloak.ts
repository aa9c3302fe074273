import { randomBytes } from 'node:crypto';
import { type Answer, type Asked, type FakeServer, fakeServer, recordOf, shownBy } from './oauth-server.ts';

/** A client as `GET …/clients` represents it, with what the fake needs beside it. */
export interface FakeClient {
  readonly id: string;
  readonly clientId: string;
  secret: string;
  publicClient: boolean;
  serviceAccountsEnabled: boolean;
  /** The roles of the service account's user, which `GET …/clients` does not show. */
  serviceAccountRoles: string[];
  /** What stands under the tab Authorization, where authorization is on; `GET …/clients` shows only that it is. */
  authorization?: { resources: string[]; policies: string[] };
  redirectUris: string[];
  attributes: Record<string, string>;
}

export interface FakeKeycloak extends FakeServer {
  readonly clients: FakeClient[];
  readonly adminSecret: string;
  /** Whether a client policy with the executor secret-rotation covers every client. */
  policy: boolean;
  /** What the admin client may do in the realm. */
  role: 'manage-clients' | 'view-clients' | 'query-clients' | 'none';
  /** Makes the sign-in of the admin client fail. */
  signInRefused: boolean;
  client(clientId: string): FakeClient;
}

const ADMIN_TOKEN = 'admin-access-token';
const DENIED = [403, { error: 'HTTP 403 Forbidden' }] satisfies Answer;

/** The part of Keycloak 26.5.6 that the connector uses, with the answers that a real one was seen to give. */
export async function fakeKeycloak(): Promise<FakeKeycloak> {
  const server = await fakeServer((asked) => answer(fake, asked));
  const fake: FakeKeycloak = Object.assign(server, {
    clients: [client('fleet', 'first-secret'), client('sibling', 'sibling-secret')],
    adminSecret: 'admin-client-secret',
    policy: false,
    role: 'manage-clients' as const,
    signInRefused: false,
    client: (clientId: string) => {
      const one = fake.clients.find((candidate) => candidate.clientId === clientId);
      if (one === undefined) throw new Error(`the fake has no client ${clientId}`);
      return one;
    },
  });
  return fake;
}

function client(clientId: string, secret: string): FakeClient {
  return {
    id: `uuid-of-${clientId}`,
    clientId,
    secret,
    publicClient: false,
    serviceAccountsEnabled: true,
    serviceAccountRoles: ['stock-reader'],
    redirectUris: ['https://app.example/*'],
    attributes: { realm_client: 'false' },
  };
}

function answer(fake: FakeKeycloak, asked: Asked): Answer {
  const token = /^\/realms\/([^/]+)\/protocol\/openid-connect\/token$/.exec(asked.path)?.[1];
  if (token !== undefined) return tokenFor(fake, token, asked);
  if (asked.bearer !== ADMIN_TOKEN) return [401, { error: 'HTTP 401 Unauthorized' }];
  if (asked.path === '/admin/realms') return [200, [{ realm: 'shop' }]];
  const inRealm = /^\/admin\/realms\/([^/]+)(\/.*)$/.exec(asked.path);
  if (inRealm?.[1] !== 'shop') return [404, { error: 'Realm not found.' }];
  return admin(fake, asked, inRealm[2] ?? '');
}

function tokenFor(fake: FakeKeycloak, realm: string, asked: Asked): Answer {
  const { clientId, secret } = shownBy(asked);
  const wrong = {
    error: 'unauthorized_client',
    error_description: 'Invalid client or Invalid client credentials',
  };
  if (realm === 'master') {
    const right = clientId === 'rekey' && secret === fake.adminSecret && !fake.signInRefused;
    return right ? [200, { access_token: ADMIN_TOKEN, expires_in: 60 }] : [401, wrong];
  }
  const one = fake.clients.find((candidate) => candidate.clientId === clientId);
  if (one === undefined) return [401, { ...wrong, error: 'invalid_client' }];
  const rotated = isLive(one) ? one.attributes['client.secret.rotated'] : undefined;
  if (secret !== one.secret && secret !== rotated) return [401, wrong];
  return one.serviceAccountsEnabled
    ? [200, { access_token: 'a-token', expires_in: 300 }]
    : [401, { ...wrong, error_description: 'Client not enabled to retrieve service account' }];
}

function admin(fake: FakeKeycloak, asked: Asked, path: string): Answer {
  const { role } = fake;
  if (role === 'none') return DENIED;
  if (path === '/clients') {
    const named = asked.query.get('clientId');
    const found = fake.clients.filter(({ clientId }) => named === null || named === clientId);
    return [200, role === 'query-clients' ? [] : found.map((one) => represented(fake, one))];
  }
  const [, id, rest = ''] = /^\/clients\/([^/]+)(\/.*)?$/.exec(path) ?? [];
  if (role === 'query-clients' || (role === 'view-clients' && asked.method !== 'GET')) return DENIED;
  const one = fake.clients.find((candidate) => candidate.id === id);
  if (one === undefined) return [404, { error: 'Could not find client' }];
  return ofClient(fake, one, asked, rest);
}

function ofClient(fake: FakeKeycloak, one: FakeClient, asked: Asked, rest: string): Answer {
  const { attributes } = one;
  switch (`${asked.method} ${rest}`) {
    case 'PUT ':
      update(one, recordOf(asked.json));
      return [204];
    case 'GET /client-secret':
      return [200, { type: 'secret', value: one.secret }];
    case 'POST /client-secret':
      if (fake.policy) rotate(one);
      one.secret = randomBytes(24).toString('base64url');
      return [200, { type: 'secret', value: one.secret }];
    case 'GET /client-secret/rotated':
      return attributes['client.secret.rotated'] === undefined
        ? [404, { error: 'Client does not have a rotated secret' }]
        : [200, { type: 'secret', value: attributes['client.secret.rotated'] }];
    case 'DELETE /client-secret/rotated':
      delete attributes['client.secret.rotated'];
      delete attributes['client.secret.rotated.creation.time'];
      delete attributes['client.secret.rotated.expiration.time'];
      return [204];
    default:
      return [405, { error: 'HTTP 405 Method Not Allowed' }];
  }
}

/**
 * As ClientResource.updateClientFromRep does: of a partial representation it changes what that holds, and takes service
 * accounts and authorization for off where they are not in it.
 */
function update(one: FakeClient, representation: Record<string, unknown>): void {
  const { authorizationServicesEnabled, ...changes } = representation;
  if (changes.serviceAccountsEnabled !== true) one.serviceAccountRoles = [];
  Object.assign(one, changes);
  if (authorizationServicesEnabled !== true) delete one.authorization;
  // Keycloak begins with a default resource and a default policy.
  else one.authorization ??= { resources: ['Default Resource'], policies: ['Default Policy'] };
}

function rotate(one: FakeClient): void {
  const now = Math.floor(Date.now() / 1000);
  Object.assign(one.attributes, {
    'client.secret.creation.time': `${now}`,
    'client.secret.expiration.time': `${now + 2_592_000}`,
    'client.secret.rotated': one.secret,
    'client.secret.rotated.creation.time': `${now}`,
    'client.secret.rotated.expiration.time': `${now + 172_800}`,
  });
}

function isLive({ attributes }: FakeClient): boolean {
  return Number(attributes['client.secret.rotated.expiration.time'] ?? 0) * 1000 > Date.now();
}

function represented({ role }: FakeKeycloak, one: FakeClient) {
  const { serviceAccountRoles: _roles, authorization, ...shown } = one;
  return {
    ...shown,
    ...(authorization && { authorizationServicesEnabled: true }),
    protocol: 'openid-connect',
    bearerOnly: false,
    clientAuthenticatorType: 'client-secret',
    access: { view: true, configure: role === 'manage-clients', manage: role === 'manage-clients' },
  };
}
