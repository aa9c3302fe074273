import { randomUUID } from 'node:crypto';
import { Plaintext } from '#lib/plaintext.ts';
import { type Answered, type Asked, clientOf, type FakeApi, fakeApi } from '#tests/support/fake-api.ts';
import type { IssuerWorld } from './world.ts';

interface Password {
  keyId: string;
  displayName: string | null;
  startDateTime: string;
  endDateTime: string;
  hint: string;
  secretText: string;
}

interface App {
  displayName: string;
  signInAudience: string;
  owners: string[];
  passwords: Password[];
}

export interface FakeEntra extends FakeApi {
  readonly managementSecret: string;
  /** The application permissions in Rekey's token; null makes a token that cannot be looked into. */
  roles: string[] | null;
  readonly apps: Map<string, App>;
}

const TENANT = '72f988bf-86f1-41af-91ab-2d7cd011db47';
const MANAGEMENT = '00000000-0000-4000-8000-00000000aaaa';
export const ORDERS = '00000000-0000-4000-8000-000000000001';
export const BILLING = '00000000-0000-4000-8000-000000000002';

/** The v2.0 token endpoint and the parts of Microsoft Graph v1.0 that are used, after their reference pages. */
export async function fakeEntra(): Promise<FakeEntra> {
  const tokens = new Set<string>();
  const api = await fakeApi((asked) => (asked.path.startsWith('/v1.0/') ? graph(asked) : token(asked)));
  const fake: FakeEntra = Object.assign(api, {
    managementSecret: `management-${randomUUID()}`,
    roles: ['Application.ReadWrite.OwnedBy'],
    apps: new Map([
      [ORDERS, app('orders')],
      [BILLING, app('billing')],
    ]),
  });

  function token(asked: Asked): Answered {
    const { id, secret, form } = clientOf(asked);
    if (!asked.path.startsWith(`/${TENANT}/`)) return refused(400, 'invalid_request', 90002);
    if (form.get('scope')?.endsWith('/.default') !== true) return refused(400, 'invalid_scope', 70011);
    const known = fake.apps.get(id);
    if (known === undefined && id !== MANAGEMENT) return refused(400, 'unauthorized_client', 700016);
    const match = known?.passwords.find(({ secretText }) => secretText === secret);
    if (id === MANAGEMENT ? secret !== fake.managementSecret : match === undefined) {
      return refused(401, 'invalid_client', 7000215);
    }
    if (match && Date.parse(match.endDateTime) < Date.now()) return refused(401, 'invalid_client', 7000222);
    const claims = Buffer.from(JSON.stringify({ roles: fake.roles ?? [] })).toString('base64url');
    const value = fake.roles === null ? randomUUID() : `e30.${claims}.${randomUUID()}`;
    if (id === MANAGEMENT) tokens.add(value);
    return [200, { token_type: 'Bearer', expires_in: 3599, access_token: value }];
  }

  function graph({ method, path, query, headers, body }: Asked): Answered {
    const roles = fake.roles ?? ['Application.ReadWrite.OwnedBy'];
    if (!tokens.has(headers.authorization?.slice('Bearer '.length) ?? '')) {
      return fault(401, 'InvalidAuthenticationToken', 'Access token validation failure.');
    }
    if (roles.length === 0) return fault(403, 'Authorization_RequestDenied', 'Insufficient privileges.');
    if (path === '/v1.0/applications') return pageOf(fake, Number(query.get('$skiptoken') ?? 0));
    const [, id = '', act = ''] = /^\/v1\.0\/applications\(appId='([\w-]+)'\)\/?(\w*)$/.exec(path) ?? [];
    const found = fake.apps.get(id);
    if (found === undefined)
      return fault(404, 'Request_ResourceNotFound', `Resource '${id}' does not exist.`);
    if (method === 'GET' && act === 'owners')
      return [200, { value: found.owners.map((appId) => ({ appId })) }];
    if (method === 'GET') return [200, shown(id, found)];
    const allowed = found.owners.includes(MANAGEMENT) || roles.includes('Application.ReadWrite.All');
    if (!allowed) return fault(403, 'Authorization_RequestDenied', 'Insufficient privileges.');
    return act === 'addPassword' ? add(found, JSON.parse(body)) : remove(found, JSON.parse(body).keyId);
  }
  return fake;
}

function add(found: App, { passwordCredential }: { passwordCredential: Partial<Password> }): Answered {
  if (found.signInAudience.includes('Personal') && found.passwords.length > 1) {
    return fault(400, 'TooManyAppPasswords', 'Not allowed to add 3 passwords.');
  }
  const made = { ...password(), ...passwordCredential };
  found.passwords.push(made);
  return [200, { '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata', ...made }];
}

function remove(found: App, keyId: string): Answered {
  const at = found.passwords.findIndex((one) => one.keyId === keyId);
  if (at < 0) return fault(400, 'Request_BadRequest', `No password credential found with keyId ${keyId}.`);
  found.passwords.splice(at, 1);
  return [204];
}

function pageOf(fake: FakeEntra, start: number): Answered {
  const all = [...fake.apps].map(([id, one]) => shown(id, one));
  const next = `https://elsewhere.example/v1.0/applications?$skiptoken=${start + 100}`;
  return [
    200,
    { value: all.slice(start, start + 100), ...(all.length > start + 100 && { '@odata.nextLink': next }) },
  ];
}

function shown(appId: string, { displayName, signInAudience, passwords }: App) {
  const passwordCredentials = passwords.map((one) => ({
    ...one,
    secretText: null,
    customKeyIdentifier: null,
  }));
  return { appId, displayName, signInAudience, passwordCredentials };
}

function app(displayName: string): App {
  return { displayName, signInAudience: 'AzureADMyOrg', owners: [MANAGEMENT], passwords: [password()] };
}

export function password(): Password {
  const secretText = `abc8Q~${randomUUID()}`;
  const startDateTime = new Date().toISOString();
  const endDateTime = new Date(Date.now() + 86_400_000).toISOString();
  return { keyId: randomUUID(), displayName: 'by hand', startDateTime, endDateTime, hint: 'abc', secretText };
}

export const fault = (status: number, code: string, message: string): Answered => [
  status,
  { error: { code, message, innerError: { date: '2026-11-25T12:00:00', 'request-id': randomUUID() } } },
];

function refused(status: number, error: string, code: number): Answered {
  const error_description = `AADSTS${code}: refused.\r\nTrace ID: ${randomUUID()}`;
  return [status, { error, error_description, error_codes: [code], timestamp: '2026-11-25 12:00:00Z' }];
}

export function entraEntered(fake: FakeEntra) {
  return {
    config: {
      tenant: TENANT,
      clientId: MANAGEMENT,
      clientSecret: fake.managementSecret,
      loginUrl: fake.url,
      graphUrl: fake.url,
    },
    place: { clientId: ORDERS, scope: 'api://orders/.default' },
  };
}

export async function entraWorld(personalAccounts = false): Promise<IssuerWorld> {
  const fake = await fakeEntra();
  const orders = fake.apps.get(ORDERS);
  const first = orders?.passwords[0];
  if (orders && personalAccounts) orders.signInAudience = 'AzureADandPersonalMicrosoftAccount';
  const { config, place } = entraEntered(fake);
  return {
    config,
    place: { ...place, personalAccounts },
    working: { clientId: new Plaintext(ORDERS), clientSecret: new Plaintext(first?.secretText ?? '') },
    initial: first?.keyId ?? '',
    secrets: [first?.secretText ?? '', fake.managementSecret],
    refuse: async () => {
      fake.roles = [];
    },
    // Rekey still gets its token, so that adding a secret is what fails.
    breakDown: async () => {
      fake.trouble = ({ body }) => (body.includes(MANAGEMENT) ? undefined : [503, {}]);
    },
    close: fake.close,
  };
}
