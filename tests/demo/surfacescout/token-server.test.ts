import { expect, test } from 'vitest';
import { aScout, until } from '#tests/demo/world.ts';

test('the old and the new secret both get a token during the overlap', async () => {
  const scout = await aScout();
  const { clientSecret: old } = await scout.first();
  const { secret: next } = await scout.issued();
  expect(next).not.toBe(old);
  expect(await scout.signsIn(old)).toBe(true);
  expect(await scout.signsIn(next)).toBe(true);
});

test('a revoked secret is refused with invalid_client while the other goes on working', async () => {
  const scout = await aScout();
  const { clientSecret: old, id } = await scout.first();
  const { secret: next } = await scout.issued();
  expect((await scout.revoke(id)).status).toBe(204);
  const refused = await scout.token(old);
  expect(refused.status).toBe(401);
  expect(await refused.json()).toMatchObject({ error: 'invalid_client' });
  expect(await scout.signsIn(next)).toBe(true);
});

test('a wrong secret, an empty one and an unknown client are refused', async () => {
  const scout = await aScout();
  expect(await (await scout.token('not-a-secret')).json()).toMatchObject({ error: 'invalid_client' });
  expect((await scout.token('')).ok).toBe(false);
  const unknown = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'nobody',
    client_secret: 'not-a-secret',
  });
  const answer = await fetch(`${scout.url}/oauth/token`, { method: 'POST', body: unknown });
  expect(await answer.json()).toMatchObject({ error: 'invalid_client' });
});

test('a secret is accepted in the request body as well as in the header', async () => {
  const scout = await aScout();
  const { clientSecret } = await scout.first();
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: scout.client.clientId,
    client_secret: clientSecret,
  });
  expect((await fetch(`${scout.url}/oauth/token`, { method: 'POST', body })).status).toBe(200);
});

test('the metadata names the token endpoint and only endpoints that are served', async () => {
  const { url } = await aScout();
  const metadata = await (await fetch(`${url}/.well-known/openid-configuration`)).json();
  expect(metadata).toMatchObject({
    issuer: url,
    token_endpoint: `${url}/oauth/token`,
    jwks_uri: `${url}/oauth/jwks`,
    grant_types_supported: ['client_credentials'],
  });
  expect(metadata).not.toHaveProperty('authorization_endpoint');
  expect((await fetch(`${url}/auth`)).status).toBe(404);
});

test('the public keys carry no private part', async () => {
  const { url } = await aScout();
  const { keys } = await (await fetch(`${url}/oauth/jwks`)).json();
  expect(keys).toHaveLength(1);
  expect(keys[0]).not.toHaveProperty('d');
});

test('the API answers rows to a token of this server and 401 to anything else', async () => {
  const scout = await aScout();
  const { clientSecret } = await scout.first();
  const { access_token } = await (await scout.token(clientSecret)).json();
  const scans = (authorization: string) => fetch(`${scout.url}/api/scans`, { headers: { authorization } });
  const answered = await scans(`Bearer ${access_token}`);
  expect(answered.status).toBe(200);
  expect((await answered.json()).scans.length).toBeGreaterThan(0);
  expect((await scans('Bearer forged')).status).toBe(401);
  expect((await fetch(`${scout.url}/api/scans`)).status).toBe(401);
});

test('before propagation has passed, the old secret works and the new one is refused', async () => {
  const scout = await aScout({ maxLive: 1, propagationSeconds: 30 });
  const { clientSecret: old } = await scout.first();
  const { secret: next } = await scout.issued();
  expect(await scout.signsIn(next)).toBe(false);
  expect(await scout.signsIn(old)).toBe(true);
});

test('once propagation has passed, the new secret works and the old one is refused', async () => {
  const scout = await aScout({ maxLive: 1, propagationSeconds: 1 });
  const { clientSecret: old } = await scout.first();
  const { secret: next } = await scout.issued();
  await until(() => scout.signsIn(next));
  expect(await scout.signsIn(old)).toBe(false);
});

test('a revoked secret leaves the list at once and works until propagation has passed', async () => {
  const slow = await aScout({ propagationSeconds: 30 });
  const lingering = await slow.first();
  await slow.issued();
  await slow.revoke(lingering.id);
  expect((await slow.list()).map((secret) => secret.id)).not.toContain(lingering.id);
  expect(await slow.signsIn(lingering.clientSecret)).toBe(true);
  const quick = await aScout({ propagationSeconds: 1 });
  const ended = await quick.first();
  await quick.issued();
  await quick.revoke(ended.id);
  await until(async () => !(await quick.signsIn(ended.clientSecret)));
});
