import { randomUUID } from 'node:crypto';
import { Plaintext } from '#lib/plaintext.ts';
import { type Answered, type Asked, clientOf, type FakeApi, fakeApi } from '#tests/support/fake-api.ts';
import type { IssuerWorld } from './world.ts';

interface App {
  name: string;
  type: string;
  grantTypes: string[];
  tokenEndpointAuthMethod: string;
  secret: string;
  previous?: { secret: string; expiresAt: string; lastUsed?: string };
}

export interface FakePingOne extends FakeApi {
  readonly workerSecret: string;
  permissions: string[];
  readonly apps: Map<string, App>;
}

const ENVIRONMENT = 'abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6';
export const WORKER = '00000000-0000-4000-8000-00000000aaaa';
export const ORDERS = '00000000-0000-4000-8000-000000000001';
export const BILLING = '00000000-0000-4000-8000-000000000002';
const ALL = ['application', 'secret'].map((what) => `applications:read:${what}`);

/** The application secret endpoints and the token endpoint, after their reference pages. */
export async function fakePingOne(): Promise<FakePingOne> {
  const tokens = new Set<string>();
  const api = await fakeApi((asked) => (asked.path.startsWith('/v1/') ? platform(asked) : token(asked)));
  const fake: FakePingOne = Object.assign(api, {
    workerSecret: `worker-${randomUUID()}`,
    permissions: [...ALL, 'applications:update:secret', 'applications:delete:secret'],
    apps: new Map([
      [ORDERS, app('orders')],
      [BILLING, app('billing')],
    ]),
  });

  function token(asked: Asked): Answered {
    const { id, secret } = clientOf(asked);
    const known = fake.apps.get(id);
    const previous = known && livePrevious(known);
    const right = id === WORKER ? [fake.workerSecret] : [known?.secret, previous?.secret];
    if (asked.path !== `/${ENVIRONMENT}/as/token` || !right.includes(secret)) {
      const error_description = 'Request denied: Invalid client credentials';
      return [401, { error: 'invalid_client', error_description, correlationId: randomUUID() }];
    }
    const access_token = randomUUID();
    if (id === WORKER) tokens.add(access_token);
    return [200, { access_token, token_type: 'Bearer', expires_in: 3600 }];
  }

  function platform({ method, path, query, headers, body }: Asked): Answered {
    if (!tokens.has(headers.authorization?.slice('Bearer '.length) ?? '')) return fault(401, 'INVALID_TOKEN');
    const all = `/v1/environments/${ENVIRONMENT}/applications`;
    if (path === all) return pageOf(fake, Number(query.get('cursor') ?? 0), all);
    const [id = '', secret] = path.slice(all.length + 1).split('/');
    const found = path.startsWith(all) ? fake.apps.get(id) : undefined;
    const verb = { GET: 'read', POST: 'update', DELETE: 'delete' }[method] ?? 'none';
    const needed = `applications:${verb}:${secret ?? 'application'}`;
    if (!fake.permissions.includes(needed)) return fault(403, 'ACCESS_FAILED');
    if (found === undefined) return fault(404, 'NOT_FOUND');
    if (secret === undefined) return [200, shown(id, found)];
    if (method === 'POST') return rotate(found, body === '' ? {} : JSON.parse(body));
    if (method === 'DELETE') return drop(found);
    return secretOf(found);
  }
  return fake;
}

/** A previous secret of before is gone at once, whatever end was set for it. */
function rotate(found: App, { previous }: { previous?: { expiresAt: string } }): Answered {
  const left = Date.parse(previous?.expiresAt ?? '') - Date.now();
  if (previous && !(left >= 60_000 && left <= 30 * 86_400_000)) return fault(400, 'INVALID_DATA');
  const { secret } = found;
  found.secret = randomUUID();
  delete found.previous;
  if (previous) found.previous = { secret, expiresAt: previous.expiresAt };
  return secretOf(found);
}

function drop(found: App): Answered {
  if (livePrevious(found) === undefined) return fault(404, 'NOT_FOUND');
  delete found.previous;
  return [204];
}

const livePrevious = ({ previous }: App) =>
  previous && Date.parse(previous.expiresAt) > Date.now() ? previous : undefined;

function secretOf(found: App): Answered {
  const previous = livePrevious(found);
  return [200, { environment: { id: ENVIRONMENT }, secret: found.secret, ...(previous && { previous }) }];
}

function pageOf(fake: FakePingOne, start: number, path: string): Answered {
  const all = [...fake.apps].map(([id, one]) => shown(id, one));
  const next = { href: `https://elsewhere.example${path}?cursor=${start + 100}` };
  const _links = { self: { href: path }, ...(all.length > start + 100 && { next }) };
  return [200, { _links, _embedded: { applications: all.slice(start, start + 100) }, size: all.length }];
}

const shown = (id: string, { secret: _secret, previous: _previous, ...app }: App) => ({
  ...app,
  id,
  environment: { id: ENVIRONMENT },
  enabled: true,
  protocol: 'OPENID_CONNECT',
});

export const app = (name: string): App => ({
  name,
  type: 'SERVICE',
  grantTypes: ['CLIENT_CREDENTIALS'],
  tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC',
  secret: `${name}-${randomUUID()}`,
});

export const fault = (status: number, code: string): Answered => [
  status,
  { id: randomUUID(), code, message: 'refused', details: [] },
];

export function pingoneEntered(fake: FakePingOne) {
  return {
    config: {
      environmentId: ENVIRONMENT,
      clientId: WORKER,
      clientSecret: fake.workerSecret,
      apiUrl: fake.url,
      authUrl: fake.url,
    },
    place: { applicationId: ORDERS },
  };
}

export async function pingoneWorld(): Promise<IssuerWorld> {
  const fake = await fakePingOne();
  const first = fake.apps.get(ORDERS)?.secret ?? '';
  return {
    ...pingoneEntered(fake),
    working: { clientId: new Plaintext(ORDERS), clientSecret: new Plaintext(first) },
    initial: 'secret',
    asksBeforeIssuing: true,
    secrets: [first, fake.workerSecret],
    refuse: async () => {
      fake.permissions = [];
    },
    breakDown: async () => {
      fake.trouble = () => [503, { code: 'UNAVAILABLE' }];
    },
    close: fake.close,
  };
}
