import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NextApiRequest, NextApiResponse } from 'next';
import NextAuth from 'next-auth';
import { decode } from 'next-auth/jwt';
import { Provider } from 'oidc-provider';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { actorOf, authOptions, sessionCookie, sessionSecret } from '#app/_doors/auth-options.ts';
import { roleOf } from '#app/_doors/single-sign-on.ts';
import { system } from '#core/access/actor.ts';
import { isFresh } from '#core/access/is-fresh.ts';
import { readSession } from '#core/access/session.ts';
import { allowIdentity } from '#core/users/allow-identity.ts';
import { db } from '#lib/db.ts';
import { auditBodies, makeUser } from '#tests/support/users.ts';

/* The whole way: next-auth as the console mounts it, against a real OpenID provider, both on loopback. */

interface Account {
  groups: string[];
  email: string;
  email_verified?: boolean;
}
const accounts = new Map<string, Account>();
/** Who sits in front of the provider's page. */
let present = '';
/** Changes what the browser brings back, as somebody in between would. */
let tamper = (url: URL) => url;

/** As much of the provider as is used here; the declarations of the sample world know less. */
interface OpenIdProvider {
  callback(): (request: IncomingMessage, response: ServerResponse) => void;
  interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>;
}
interface Grant {
  addOIDCScope(scope: string): void;
  save(): Promise<string>;
}
type Asking = { oidc: { provider: { Grant: new (of: object) => Grant } } };
const MadeProvider = Provider as unknown as new (issuer: string, configuration: object) => OpenIdProvider;

let provider: OpenIdProvider;
const providerServer = createServer(async (request, response) => {
  if (request.url?.startsWith('/interaction/')) {
    await provider.interactionFinished(request, response, { login: { accountId: present }, consent: {} });
    return;
  }
  provider.callback()(request, response);
});

function makeProvider(issuer: string, redirect: string): OpenIdProvider {
  return new MadeProvider(issuer, {
    clients: [{ client_id: 'rekey', client_secret: 'sample-secret', redirect_uris: [redirect] }],
    features: { devInteractions: { enabled: false } },
    conformIdTokenClaims: false,
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
    interactions: {
      url: (_context: unknown, interaction: { uid: string }) => `/interaction/${interaction.uid}`,
    },
    pkce: { required: () => true },
    findAccount: (_context: unknown, sub: string) => ({
      accountId: sub,
      claims: () => ({ sub, name: `Name of ${sub}`, email_verified: true, ...accounts.get(sub) }),
    }),
    loadExistingGrant: async (context: Asking) => {
      const grant = new context.oidc.provider.Grant({ clientId: 'rekey', accountId: present });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, string>> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return Object.fromEntries(new URLSearchParams(text));
}

const cookiesOf = (header = '') =>
  Object.fromEntries(
    header
      .split('; ')
      .filter(Boolean)
      .map((pair) => [
        pair.slice(0, pair.indexOf('=')),
        decodeURIComponent(pair.slice(pair.indexOf('=') + 1)),
      ]),
  );

/** As much of what Next gives to a route as next-auth asks for. */
async function mount(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const parts = url.pathname.replace('/api/auth/', '').split('/');
  const asked = Object.assign(request, {
    query: { ...Object.fromEntries(url.searchParams), nextauth: parts },
    cookies: cookiesOf(request.headers.cookie),
    body: request.method === 'POST' ? await bodyOf(request) : {},
  });
  const answered = Object.assign(response, {
    status: (code: number) => Object.assign(response, { statusCode: code }),
    json: (value: unknown) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify(value)),
    send: (value: unknown) => response.end(typeof value === 'string' ? value : JSON.stringify(value)),
    redirect: (code: number, to: string) => response.writeHead(code, { location: to }).end(),
  });
  const sessionBefore = (await actorOf(asked.cookies[sessionCookie()]))?.sessionId;
  const knocker = { address: '192.0.2.50', userAgent: 'Firefox/1', sessionBefore };
  await NextAuth(
    asked as unknown as NextApiRequest,
    answered as unknown as NextApiResponse,
    authOptions(knocker),
  );
}
const consoleServer = createServer((request, response) => {
  mount(request, response).catch((error: unknown) => {
    console.error((error as Error).stack);
    response.writeHead(500).end();
  });
});

const listen = (server: Server) =>
  new Promise<string>((resolve) =>
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    ),
  );

let consoleUrl = '';
let issuer = '';

beforeAll(async () => {
  consoleUrl = await listen(consoleServer);
  issuer = await listen(providerServer);
  provider = makeProvider(issuer, `${consoleUrl}/api/auth/callback/oidc`);
  Object.assign(process.env, {
    NEXTAUTH_URL: consoleUrl,
    REKEY_URL: consoleUrl,
    REKEY_OIDC_ISSUER: issuer,
    REKEY_OIDC_CLIENT_ID: 'rekey',
    REKEY_OIDC_CLIENT_SECRET: 'sample-secret',
    REKEY_OIDC_ROLES: 'ops=operator,audit=auditor,boss=admin',
  });
});

afterAll(() => {
  consoleServer.close();
  providerServer.close();
});

/** A browser with cookies that follows redirects; answers where it ends, and what it was sent on the way. */
function browser() {
  const jar = new Map<string, string>();
  const hops: URL[] = [];
  async function go(start: string, init: RequestInit = {}): Promise<Response> {
    let url = new URL(start);
    for (let n = 0; n < 12; n += 1) {
      hops.push(url);
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(url, { redirect: 'manual', ...(n === 0 ? init : {}), headers: { cookie } });
      for (const line of answer.headers.getSetCookie()) {
        const [pair = ''] = line.split(';');
        jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
      }
      const to = answer.headers.get('location');
      if (to === null) return answer;
      url = tamper(new URL(to, url));
      // The console's own pages are not here: this is where a person would end.
      if (url.origin === consoleUrl && !url.pathname.startsWith('/api/')) {
        hops.push(url);
        return answer;
      }
    }
    throw new Error('It goes round in circles.');
  }
  return { jar, hops, go };
}

/** Signs in as somebody, in a browser of their own or one that was here before; answers the session's actor, and where it ended. */
async function signInAs(sub: string, account: Account, from = browser()) {
  present = sub;
  accounts.set(sub, account);
  const { jar, hops, go } = from;
  const { csrfToken } = (await (await go(`${consoleUrl}/api/auth/csrf`)).json()) as { csrfToken: string };
  const body = new URLSearchParams({ csrfToken, callbackUrl: '/credentials' });
  await go(`${consoleUrl}/api/auth/signin/oidc`, { method: 'POST', body });
  const cookie = jar.get(sessionCookie());
  const token = cookie === undefined ? null : await decode({ token: cookie, secret: sessionSecret() });
  const sid = token?.sid;
  const actor = typeof sid === 'string' ? await readSession(sid) : null;
  const asked = hops.findLast(({ pathname }) => pathname === '/auth');
  return { actor, end: hops.at(-1), asked, token };
}

const ops = (email: string): Account => ({ groups: ['other', 'ops'], email });

test('somebody whom the provider vouches for gets a user with the role of their group, and the same one the next time', async () => {
  const first = await signInAs('sub-1', ops('Ada@example.org'));
  expect(first.actor).toMatchObject({ kind: 'user', name: 'Name of sub-1', role: 'operator' });
  expect(first.end?.pathname).toBe('/credentials');
  const again = await signInAs('sub-1', ops('ada.renamed@example.org'));
  expect(again.actor?.id).toBe(first.actor?.id);
  expect((await auditBodies('session.opened')).at(-1)).toMatchObject({ address: '192.0.2.50' });
});

test('the request carries PKCE, state and nonce, and the cookie that follows carries the session id alone', async () => {
  const { asked, token } = await signInAs('sub-1', ops('ada@example.org'));
  for (const name of ['code_challenge', 'state', 'nonce']) {
    expect(asked?.searchParams.get(name)?.length, name).toBeGreaterThan(20);
  }
  expect(asked?.searchParams.get('code_challenge_method')).toBe('S256');
  const { iat: _iat, exp: _exp, jti: _jti, ...kept } = token ?? {};
  expect(Object.keys(kept)).toEqual(['sid']);
});

test('being let in by a provider that knew them still is no step-up; signing in again is one, and the session before ends', async () => {
  const theirs = browser();
  const first = await signInAs('sub-7', ops('seven@example.org'), theirs);
  expect(first.asked?.searchParams.has('prompt')).toBe(false);
  expect(first.actor).toMatchObject({ signsInAgain: true });
  expect(await isFresh(db(), first.actor?.stepUpAt ?? new Date())).toBe(false);
  const again = await signInAs('sub-7', ops('seven@example.org'), theirs);
  expect(Object.fromEntries(again.asked?.searchParams ?? [])).toMatchObject({
    prompt: 'login',
    max_age: '0',
  });
  expect(again.end?.pathname).toBe('/credentials');
  expect(again.actor?.id).toBe(first.actor?.id);
  expect(await isFresh(db(), again.actor?.stepUpAt ?? new Date(0))).toBe(true);
  expect(again.actor?.sessionId).not.toBe(first.actor?.sessionId);
  expect(await readSession(first.actor?.sessionId ?? '')).toBeNull();
});

test('who takes the asking anew out of the request on its way steps nothing up, and stays who they are', async () => {
  const theirs = browser();
  const first = await signInAs('sub-8', ops('eight@example.org'), theirs);
  tamper = (url) => {
    url.searchParams.delete('prompt');
    url.searchParams.delete('max_age');
    return url;
  };
  const again = await signInAs('sub-8', ops('eight@example.org'), theirs);
  tamper = (url) => url;
  expect(again.end?.search).toBe('?error=not_anew');
  expect(again.actor?.sessionId).toBe(first.actor?.sessionId);
  expect(await isFresh(db(), again.actor?.stepUpAt ?? new Date())).toBe(false);
});

test('an answer with another state opens nothing', async () => {
  tamper = (url) => {
    if (url.pathname === '/api/auth/callback/oidc') url.searchParams.set('state', 'made-up');
    return url;
  };
  const { actor } = await signInAs('sub-1', ops('ada@example.org'));
  tamper = (url) => url;
  expect(actor).toBeNull();
});

test('the role follows the groups at each sign-in, also downwards, and this is recorded', async () => {
  await signInAs('sub-2', { groups: ['boss'], email: 'boss@example.org' });
  const { actor } = await signInAs('sub-2', { groups: ['audit'], email: 'boss@example.org' });
  expect(actor).toMatchObject({ role: 'auditor' });
  expect((await auditBodies('role.changed')).at(-1)).toMatchObject({ from: 'admin', to: 'auditor' });
});

test('without a group that gives a role nobody gets in, and no user is made', async () => {
  const { actor, end } = await signInAs('sub-3', { groups: ['other'], email: 'nobody@example.org' });
  expect(actor).toBeNull();
  expect(`${end?.pathname}${end?.search}`).toBe('/sign-in?error=no_role');
  expect(await db().prisma.user.count({ where: { email: 'nobody@example.org' } })).toBe(0);
});

test('the e-mail of a user here opens nothing: an identity is never linked by e-mail alone', async () => {
  const victim = await makeUser('admin');
  const { actor, end } = await signInAs('sub-4', { groups: ['boss'], email: victim.email });
  expect(actor).toBeNull();
  expect(end?.search).toBe('?error=email_taken');
  expect(await db().prisma.identity.count({ where: { userId: victim.id } })).toBe(0);
  expect((await auditBodies('session.refused')).at(-1)).toMatchObject({ email: victim.email });
});

test('a new identity that an admin allowed is taken with an e-mail that the provider calls verified, and not with one of which it says nothing', async () => {
  const { id: userId, email } = await makeUser('viewer');
  await allowIdentity(system('test'), { userId });
  const silent = await signInAs('sub-9', { ...ops(email), email_verified: undefined });
  expect(silent.end?.search).toBe('?error=email_taken');
  const { actor } = await signInAs('sub-9', ops(email));
  expect(actor).toMatchObject({ id: userId, role: 'operator' });
});

test('an e-mail that is not verified opens nothing', async () => {
  const account = { ...ops('unproven@example.org'), email_verified: false };
  const { actor, end } = await signInAs('sub-5', account);
  expect(actor).toBeNull();
  expect(end?.search).toBe('?error=no_email');
});

test('who is disabled here does not get in, whatever the provider says', async () => {
  const { actor: before } = await signInAs('sub-6', ops('gone@example.org'));
  await db().prisma.user.update({ where: { id: before?.id ?? '' }, data: { disabledAt: new Date() } });
  const { actor, end } = await signInAs('sub-6', ops('gone@example.org'));
  expect(actor).toBeNull();
  expect(end?.search).toBe('?error=user_disabled');
});

test('the first entry that fits decides about the role; without groups only the entry for everybody fits', () => {
  const mapping = [
    ['ops', 'operator'],
    ['boss', 'admin'],
    ['*', 'viewer'],
  ] as const;
  expect(roleOf({ groups: ['boss', 'ops'] }, 'groups', mapping)).toBe('operator');
  expect(roleOf({ groups: 'boss' }, 'groups', mapping)).toBe('admin');
  expect(roleOf({}, 'groups', mapping)).toBe('viewer');
  expect(roleOf({ groups: [{ ops: true }] }, 'groups', mapping.slice(0, 2))).toBeNull();
});
