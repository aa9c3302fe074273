import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import * as oauth from 'openid-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiActor } from '#app/_doors/api-actor.ts';
import { createTokenEndpoint } from '#app/_doors/oauth.ts';
import { type Role, system } from '#core/access/actor.ts';
import { createApiClient } from '#core/clients/create-api-client.ts';
import { revokeApiClient } from '#core/clients/revoke-api-client.ts';
import { rotateApiClientSecret } from '#core/clients/rotate-api-client-secret.ts';
import { db } from '#lib/db.ts';
import { moveTime } from '#tests/support/database.ts';
import { auditBodies } from '#tests/support/users.ts';

const admin = system('test');
let server: Server;
let url: string;
let address = '192.0.2.1';
let count = 0;

beforeAll(async () => {
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env.REKEY_URL = url;
  const endpoint = createTokenEndpoint();
  server.on('request', (request, response) => {
    request.headers['x-real-ip'] = address;
    if (endpoint.serves(request)) endpoint.handle(request, response);
    else response.writeHead(404).end();
  });
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

async function newClient(role: Role = 'operator') {
  count += 1;
  const name = `deploy-${count}`;
  const { id, secret } = await createApiClient(admin, { name, role });
  if (secret === null) throw new Error('It has no secret.');
  return { id, name, secret: secret.expose() };
}

/** What the program does that uses the API: a certified client library, told the address and nothing else. */
function library(clientId: string, how: oauth.ClientAuth): Promise<oauth.Configuration> {
  const options = { algorithm: 'oauth2' as const, execute: [oauth.allowInsecureRequests] };
  return oauth.discovery(new URL(url), clientId, undefined, how, options);
}

async function tokenFor(clientId: string, secret: string, parameters: Record<string, string> = {}) {
  return oauth.clientCredentialsGrant(await library(clientId, oauth.ClientSecretBasic(secret)), parameters);
}

const actorOf = (token: string) =>
  apiActor(new Request(`${url}/api/v1/x`, { headers: { authorization: `Bearer ${token}` } }));

const refusedClient = { status: 401, code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE' };

async function post(body: Record<string, string>, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/oauth/token`, {
    method: 'POST',
    headers,
    body: new URLSearchParams({ grant_type: 'client_credentials', ...body }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const lastLive = async (clientId: string) =>
  db().prisma.apiClient.findUniqueOrThrow({ where: { id: clientId }, include: { secrets: true } });

test('the metadata names what is served and nothing else', async () => {
  const response = await fetch(`${url}/.well-known/oauth-authorization-server`);
  expect(await response.json()).toEqual({
    issuer: url,
    token_endpoint: `${url}/oauth/token`,
    jwks_uri: `${url}/oauth/jwks`,
    scopes_supported: ['rekey:read', 'rekey:write'],
    response_types_supported: [],
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['ES256', 'PS256', 'RS256', 'EdDSA', 'Ed25519'],
  });
});

test('the key set has the public part of the key and no other', async () => {
  const { keys } = (await (await fetch(`${url}/oauth/jwks`)).json()) as { keys: Record<string, unknown>[] };
  expect(keys).toHaveLength(1);
  expect(Object.keys(keys[0] ?? {}).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
});

test('addresses in the metadata do not follow what a request claims to be forwarded from', async () => {
  const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' };
  const response = await fetch(`${url}/.well-known/oauth-authorization-server`, { headers });
  expect(await response.json()).toMatchObject({ token_endpoint: `${url}/oauth/token` });
});

test.each([
  ['/oauth/auth'],
  ['/oauth/token/introspection'],
  ['/session/end'],
  ['/.well-known/openid-configuration'],
  ['/reg'],
])('%s of the library is not served', async (path) => {
  expect((await fetch(`${url}${path}`)).status).toBe(404);
});

test.each([
  ['basic', oauth.ClientSecretBasic],
  ['post', oauth.ClientSecretPost],
])('a standard client gets a token with client_secret_%s, and the API takes it', async (_how, method) => {
  const client = await newClient('operator');
  const tokens = await oauth.clientCredentialsGrant(await library(client.id, method(client.secret)));
  expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 600, scope: 'rekey:read rekey:write' });
  expect(await actorOf(tokens.access_token)).toMatchObject({
    kind: 'api_client',
    id: client.id,
    name: client.name,
    role: 'operator',
  });
  const [header = '', payload = ''] = tokens.access_token.split('.').map((part) => atobUrl(part));
  expect(JSON.parse(header)).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
  expect(JSON.parse(payload)).toMatchObject({
    iss: url,
    aud: `${url}/api/v1`,
    sub: client.id,
    client_id: client.id,
    scope: 'rekey:read rekey:write',
  });
});

const atobUrl = (part: string) => Buffer.from(part, 'base64url').toString();

test('answers with tokens and refusals are kept by nobody', async () => {
  const client = await newClient();
  const body = { client_id: client.id, client_secret: client.secret };
  const right = await post(body);
  const wrong = await post({ ...body, client_secret: 'wrong' }, { accept: 'text/html' });
  expect([right.status, wrong.status]).toEqual([200, 401]);
  for (const { headers } of [right, wrong]) expect(headers.get('cache-control')).toBe('no-store');
  expect(wrong.body).toEqual({
    error: 'invalid_client',
    error_description: 'client authentication failed',
  });
});

test('a token may be narrowed to reading, and then it only reads', async () => {
  const client = await newClient('admin');
  const tokens = await tokenFor(client.id, client.secret, { scope: 'rekey:read' });
  expect(tokens.scope).toBe('rekey:read');
  expect(await actorOf(tokens.access_token)).toMatchObject({ role: 'viewer' });
});

test('a client that may only read is given reading, and refused when it asks for more', async () => {
  const client = await newClient('viewer');
  expect(await tokenFor(client.id, client.secret)).toMatchObject({ scope: 'rekey:read' });
  await expect(tokenFor(client.id, client.secret, { scope: 'rekey:write' })).rejects.toMatchObject({
    error: 'invalid_scope',
  });
});

test('a client that is an auditor may be given writing, for the views that it saves', async () => {
  const client = await newClient('auditor');
  expect(await tokenFor(client.id, client.secret)).toMatchObject({ scope: 'rekey:read rekey:write' });
});

test('a scope that does not exist is refused and not left out', async () => {
  const client = await newClient('admin');
  for (const scope of ['rekey:admin', 'rekey:read rekey:admin']) {
    await expect(tokenFor(client.id, client.secret, { scope })).rejects.toMatchObject({
      error: 'invalid_scope',
    });
  }
});

test('a token for another API is not given', async () => {
  const client = await newClient();
  const resource = 'https://elsewhere.example/api';
  await expect(tokenFor(client.id, client.secret, { resource })).rejects.toMatchObject({
    error: 'invalid_target',
  });
});

test('another grant is refused', async () => {
  const client = await newClient();
  const { status, body } = await post({
    grant_type: 'authorization_code',
    code: 'x',
    client_id: client.id,
    client_secret: client.secret,
  });
  expect({ status, body }).toMatchObject({ status: 400, body: { error: 'unsupported_grant_type' } });
});

test.each([
  ['a wrong secret', (id: string) => [id, 'rekey_wrong'] as const],
  ['an unknown client', () => ['0198c0de-0000-7000-8000-000000000000', 'rekey_wrong'] as const],
  ['an id that is none', () => ['nobody', 'rekey_wrong'] as const],
])('%s is refused with the same words', async (_what, attempt) => {
  const client = await newClient();
  const [id, secret] = attempt(client.id);
  const { status, body } = await post({ client_id: id, client_secret: secret });
  expect({ status, ...body }).toEqual({
    status: 401,
    error: 'invalid_client',
    error_description: 'client authentication failed',
  });
});

test('the secret of one client does not sign in another', async () => {
  const [one, other] = [await newClient(), await newClient()];
  await expect(tokenFor(one.id, other.secret)).rejects.toMatchObject(refusedClient);
});

test('after an immediate rotation the old secret is refused at the next request, and the new one works', async () => {
  const client = await newClient();
  await tokenFor(client.id, client.secret);
  const wish = { clientId: client.id, overlap: 'now', typedName: client.name } as const;
  const { secret } = await rotateApiClientSecret(admin, wish);
  await expect(tokenFor(client.id, client.secret)).rejects.toMatchObject(refusedClient);
  expect(await tokenFor(client.id, secret.expose())).toMatchObject({ token_type: 'bearer' });
});

test('in an overlap both secrets work, and the old one ends with it', async () => {
  const client = await newClient();
  const { secret } = await rotateApiClientSecret(admin, { clientId: client.id, overlap: '24h' });
  await moveTime(process.env.DATABASE_URL ?? '', '23 hours 59 minutes');
  for (const value of [client.secret, secret.expose()]) {
    expect(await tokenFor(client.id, value)).toMatchObject({ token_type: 'bearer' });
  }
  await moveTime(process.env.DATABASE_URL ?? '', '1 minute');
  await expect(tokenFor(client.id, client.secret)).rejects.toMatchObject(refusedClient);
  expect(await tokenFor(client.id, secret.expose())).toMatchObject({ token_type: 'bearer' });
});

test('a revoked client gets no token, and its tokens that are out die with it', async () => {
  const client = await newClient();
  const { access_token: token } = await tokenFor(client.id, client.secret);
  expect(await actorOf(token)).toMatchObject({ id: client.id });
  await revokeApiClient(admin, { clientId: client.id, typedName: client.name });
  await expect(actorOf(token)).rejects.toMatchObject({ status: 401, code: 'invalid_token' });
  await expect(tokenFor(client.id, client.secret)).rejects.toMatchObject(refusedClient);
});

test('a request that succeeds notes when the client and the secret were last used; a refused one does not', async () => {
  const client = await newClient();
  await expect(tokenFor(client.id, 'wrong')).rejects.toMatchObject(refusedClient);
  expect(await lastLive(client.id)).toMatchObject({ lastUsedAt: null, secrets: [{ lastUsedAt: null }] });
  await tokenFor(client.id, client.secret);
  const used = await lastLive(client.id);
  expect(used.lastUsedAt).toBeInstanceOf(Date);
  expect(used.secrets[0]?.lastUsedAt).toBeInstanceOf(Date);
});

test('too many wrong secrets are answered 429, while the right one and other addresses are served', async () => {
  const client = await newClient();
  const guess = () => post({ client_id: client.id, client_secret: 'wrong' });
  for (let n = 0; n < 10; n += 1) expect((await guess()).status).toBe(401);
  const limited = await guess();
  expect(limited.status).toBe(429);
  expect(limited.headers.get('retry-after')).toBe('900');
  expect(limited.body).toMatchObject({ error: 'invalid_client' });
  expect((await post({ client_id: client.id, client_secret: client.secret })).status).toBe(200);
  address = '192.0.2.2';
  expect((await guess()).status).toBe(401);
  address = '192.0.2.1';
  const told = (await auditBodies('api_client.refused')).filter(({ id }) => id === client.id);
  expect(told).toHaveLength(11);
  await moveTime(process.env.DATABASE_URL ?? '', '15 minutes');
  expect((await guess()).status).toBe(401);
});

test('a body that is too large is refused, and the process goes on', async () => {
  expect((await post({ client_id: 'x'.repeat(100_000) })).status).toBe(400);
  expect((await fetch(`${url}/oauth/jwks`)).status).toBe(200);
});

async function keyClient() {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  count += 1;
  const publicKeys = { keys: [{ ...(await exportJWK(publicKey)), kty: 'EC' as const, kid: 'k1' }] };
  const { id, secret } = await createApiClient(admin, { name: `key-${count}`, role: 'operator', publicKeys });
  expect(secret).toBeNull();
  return { id, privateKey };
}

function assertion(id: string, key: CryptoKey, seconds = 60): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ jti: crypto.randomUUID() })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .setIssuer(id)
    .setSubject(id)
    .setAudience(url)
    .setIssuedAt(now)
    .setExpirationTime(now + seconds)
    .sign(key);
}

const asserted = (client_assertion: string) =>
  post({
    client_assertion,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  });

test('a standard client gets a token with private_key_jwt, and the API takes it', async () => {
  const { id, privateKey } = await keyClient();
  const how = oauth.PrivateKeyJwt({ key: privateKey, kid: 'k1' });
  const tokens = await oauth.clientCredentialsGrant(await library(id, how));
  expect(await actorOf(tokens.access_token)).toMatchObject({ id, role: 'operator' });
  expect((await lastLive(id)).lastUsedAt).toBeInstanceOf(Date);
});

test('an assertion works once, also when it arrives many times at the same moment', async () => {
  const { id, privateKey } = await keyClient();
  const signed = await assertion(id, privateKey);
  const answers = await Promise.all(Array.from({ length: 8 }, () => asserted(signed)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect((await asserted(signed)).body).toMatchObject({ error: 'invalid_client' });
  expect((await asserted(await assertion(id, privateKey))).status).toBe(200);
});

test('an assertion of another key, or one that lives for longer than ten minutes, is refused', async () => {
  const { id, privateKey } = await keyClient();
  const { privateKey: otherKey } = await generateKeyPair('ES256');
  expect((await asserted(await assertion(id, otherKey))).status).toBe(401);
  expect((await asserted(await assertion(id, privateKey, 700))).status).toBe(401);
  expect((await asserted(await assertion(id, privateKey, 500))).status).toBe(200);
});

test('a client with a key has no secret to sign in with', async () => {
  const { id } = await keyClient();
  expect((await post({ client_id: id, client_secret: 'rekey_anything' })).status).toBe(401);
});

test('no secret is anywhere in the database, sealed or not, nor is its hash in the audit trail', async () => {
  const client = await newClient();
  const { secret } = await rotateApiClientSecret(admin, { clientId: client.id, overlap: '1h' });
  await tokenFor(client.id, secret.expose());
  const { rows: tables } = await db().pool.query<{ name: string }>(
    `select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables where schemaname = 'public'`,
  );
  expect(tables.length).toBeGreaterThan(20);
  for (const { name } of tables) {
    const { rows } = await db().pool.query<{ text: string }>(`select t::text as text from ${name} t`);
    for (const { text } of rows) {
      expect(text).not.toContain(client.secret);
      expect(text).not.toContain(secret.expose());
    }
  }
});
