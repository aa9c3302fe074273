import { expect, test } from 'vitest';
import { aScout } from '#tests/demo/world.ts';

test('a dropped answer after issue leaves the secret made, findable by its tag', async () => {
  const scout = await aScout();
  await scout.arm({ on: 'issue', kind: 'drop_after', times: 1 });
  await expect(scout.issue({ tag: 'lost' })).rejects.toThrow();
  expect((await scout.list()).map((secret) => secret.tag)).toContain('lost');
});

test('a dropped answer after revoke leaves the secret revoked', async () => {
  const scout = await aScout();
  const { id, clientSecret } = await scout.first();
  await scout.issued();
  await scout.arm({ on: 'revoke', kind: 'drop_after', times: 1 });
  await expect(scout.revoke(id)).rejects.toThrow();
  expect(await scout.signsIn(clientSecret)).toBe(false);
});

test('a call dropped before its effect changes nothing', async () => {
  const scout = await aScout();
  await scout.arm({ on: 'issue', kind: 'drop_before', times: 1 });
  await expect(scout.issue()).rejects.toThrow();
  expect(await scout.list()).toHaveLength(1);
});

test('a status comes with its Retry-After as often as armed, then all is as usual', async () => {
  const scout = await aScout();
  await scout.arm({ on: 'list', kind: 'status', status: 429, retryAfterSeconds: 7, times: 2 });
  for (let call = 0; call < 2; call += 1) {
    const refused = await scout.admin('GET', '/clients/sample/secrets');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '7']);
  }
  expect(await scout.list()).toHaveLength(1);
});

test('an HTML page, an empty answer and a delayed one come as armed', async () => {
  const scout = await aScout();
  const check = () => scout.admin('GET', '/clients/sample');
  await scout.arm({ on: 'check', kind: 'html', times: 1 });
  await scout.arm({ on: 'check', kind: 'empty', times: 1 });
  await scout.arm({ on: 'check', kind: 'delay', delayMs: 20, times: 1 });
  expect((await check()).headers.get('content-type')).toContain('text/html');
  expect(await (await check()).text()).toBe('');
  expect(await (await check()).json()).toEqual(scout.client);
});

test('same_secret answers the live secret and makes none', async () => {
  const scout = await aScout();
  const { clientSecret, id } = await scout.first();
  await scout.arm({ on: 'issue', kind: 'same_secret', times: 1 });
  expect(await scout.issued()).toMatchObject({ id, secret: clientSecret });
  expect(await scout.list()).toHaveLength(1);
});

test('reading a value back fails on demand', async () => {
  const scout = await aScout({ readBack: true });
  const { id, clientSecret } = await scout.first();
  await scout.arm({ on: 'read', kind: 'status', status: 503, times: 1 });
  const read = () => scout.admin('GET', `/clients/sample/secrets/${id}`);
  expect((await read()).status).toBe(503);
  expect(await (await read()).json()).toEqual({ id, secret: clientSecret });
});

test('the token endpoint fails on demand, whichever way the client signs in', async () => {
  const scout = await aScout();
  const { clientSecret } = await scout.first();
  await scout.arm({ on: 'token', kind: 'status', status: 503, times: 2 });
  expect((await scout.token(clientSecret)).status).toBe(503);
  const post = () =>
    fetch(`${scout.url}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: scout.client.clientId,
        client_secret: clientSecret,
      }),
    });
  expect((await post()).status).toBe(503);
  await scout.arm({ on: 'token', kind: 'drop_after', times: 1 });
  await expect(scout.token(clientSecret)).rejects.toThrow();
  await scout.admin('POST', '/faults', { clientId: 'another', on: 'token', kind: 'status', times: 1 });
  expect((await post()).status).toBe(200);
});

test('cleared faults are gone, and a fault with a wrong field is refused', async () => {
  const scout = await aScout();
  await scout.arm({ on: 'check', kind: 'status', times: 5 });
  expect((await scout.admin('DELETE', '/faults')).status).toBe(204);
  expect((await scout.admin('GET', '/clients/sample')).status).toBe(200);
  expect((await scout.arm({ on: 'check', kind: 'no-such-kind', times: 1 })).status).toBe(400);
});
