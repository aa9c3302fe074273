import { expect, test } from 'vitest';
import { defaultWorld } from '#demo/surfacescout/behaviour.ts';
import { aScout, until } from '#tests/demo/world.ts';

test('nothing is answered or changed without the admin token', async () => {
  const scout = await aScout();
  const path = `${scout.url}/admin/clients/sample/secrets`;
  const attempts: Record<string, string>[] = [{}, { authorization: 'Bearer wrong' }];
  for (const headers of attempts) {
    expect((await fetch(`${scout.url}/admin/clients`, { headers })).status).toBe(401);
    expect((await fetch(path, { method: 'POST', headers, body: '{}' })).status).toBe(401);
    expect((await fetch(`${scout.url}/admin/faults`, { method: 'DELETE', headers })).status).toBe(401);
  }
  expect(await scout.list()).toHaveLength(1);
});

test('a client is described by its behaviour, and an unknown one is 404', async () => {
  const scout = await aScout();
  expect(await (await scout.admin('GET', '/clients/sample')).json()).toEqual(scout.client);
  expect((await scout.admin('GET', '/clients/nobody')).status).toBe(404);
});

test('all clients are listed with their live secrets where those can be listed, and never with a value', async () => {
  const scout = await aScout();
  const { secret } = await scout.issued({ tag: 'r1' });
  const text = await (await scout.admin('GET', '/clients')).text();
  expect(JSON.parse(text)).toEqual({ clients: [{ ...scout.client, secrets: await scout.list() }] });
  expect(text).not.toContain(secret);
  for (const changes of [{ list: false }, { hasApi: false }]) {
    const silent = await aScout(changes);
    expect(await (await silent.admin('GET', '/clients')).json()).toEqual({ clients: [silent.client] });
  }
});

test('the third secret of a client with two slots is refused, naming the live ones', async () => {
  const scout = await aScout({ maxLive: 2 });
  const { id: firstId } = await scout.first();
  const { id: secondId } = await scout.issued();
  const refused = await scout.issue();
  expect(refused.status).toBe(409);
  const answer = await refused.json();
  expect(answer.error).toBe('slot_full');
  expect(answer.liveSecrets.map((secret: { id: string }) => secret.id)).toEqual([firstId, secondId]);
  expect(await scout.list()).toHaveLength(2);
});

test('with one slot, a new secret replaces the old one at once and says when it ended', async () => {
  const scout = await aScout({ maxLive: 1 });
  const { clientSecret: old } = await scout.first();
  const { secret: next, previousEndsAt } = await scout.issued();
  expect(previousEndsAt).toBeDefined();
  expect(await scout.signsIn(old)).toBe(false);
  expect(await scout.signsIn(next)).toBe(true);
  expect(await scout.list()).toHaveLength(1);
});

test('the list shows tags and use, and no value', async () => {
  const scout = await aScout();
  const { id, secret } = await scout.issued({ tag: 'rotation-7' });
  await scout.signsIn(secret);
  const listed = (await scout.list()).find((one) => one.id === id);
  expect(listed).toEqual({
    id,
    tag: 'rotation-7',
    createdAt: expect.any(String),
    lastUsedAt: expect.any(String),
  });
});

test('a client that does not list answers 405', async () => {
  const scout = await aScout({ list: false });
  expect((await scout.admin('GET', '/clients/sample/secrets')).status).toBe(405);
});

test('a value is read back where the client allows it, and nowhere else', async () => {
  const open = await aScout({ readBack: true });
  const { id, secret } = await open.issued();
  expect(await (await open.admin('GET', `/clients/sample/secrets/${id}`)).json()).toEqual({ id, secret });
  expect((await open.admin('GET', '/clients/sample/secrets/sec_unknown')).status).toBe(404);
  const closed = await aScout({ readBack: false });
  const hidden = await closed.issued();
  expect((await closed.admin('GET', `/clients/sample/secrets/${hidden.id}`)).status).toBe(405);
});

test('a chosen value is taken where the client allows it and refused elsewhere', async () => {
  const value = 'a-value-the-caller-chose';
  const open = await aScout({ chosenValue: true });
  expect((await open.issued({ tag: 'r1', value })).secret).toBe(value);
  expect(await open.signsIn(value)).toBe(true);
  const closed = await aScout({ chosenValue: false });
  expect((await closed.issue({ tag: 'r1', value })).status).toBe(400);
  expect(await closed.list()).toHaveLength(1);
});

test('sending the same tag and chosen value again makes no second secret', async () => {
  const wish = { tag: 'r1', value: 'a-value-the-caller-chose' };
  const slots = await aScout({ chosenValue: true, maxLive: 2 });
  const made = await slots.issued(wish);
  expect(await slots.issued(wish)).toEqual(made);
  expect(await slots.list()).toHaveLength(2);
  const replaced = await aScout({ chosenValue: true, maxLive: 1 });
  const once = await replaced.issued(wish);
  expect(await replaced.issued(wish)).toEqual(once);
});

test('setting the value that is live already changes nothing, whatever the tag', async () => {
  const scout = await aScout({ chosenValue: true, maxLive: 1 });
  const made = await scout.issued({ tag: 'r1', value: 'a-value-the-caller-chose' });
  expect(await scout.issued({ tag: 'r2', value: 'a-value-the-caller-chose' })).toEqual(made);
  expect(await scout.signsIn(made.secret)).toBe(true);
  expect(await scout.list()).toHaveLength(1);
});

test('a value set back is a secret of its own: no id is ever given twice', async () => {
  const scout = await aScout({ chosenValue: true, maxLive: 1 });
  const { id: firstId, clientSecret: old } = await scout.first();
  const next = await scout.issued({ tag: 'r1', value: 'a-value-the-caller-chose' });
  const back = await scout.issued({ tag: 'r1-back', value: old });
  const again = await scout.issued({ tag: 'r2', value: 'a-value-the-caller-chose' });
  expect(new Set([firstId, next.id, back.id, again.id]).size).toBe(4);
});

test('a graced client keeps the previous secret until the given time, and says so', async () => {
  const scout = await aScout({ overlap: 'graced' });
  const { clientSecret: old, id } = await scout.first();
  const previousEndsAt = new Date(Date.now() + 400).toISOString();
  const made = await scout.issued({ tag: 'r1', previousEndsAt });
  expect(made.previousEndsAt).toBe(previousEndsAt);
  expect(await scout.list()).toContainEqual(expect.objectContaining({ id }));
  await until(async () => !(await scout.signsIn(old)));
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(previousEndsAt));
  expect(await scout.signsIn(made.secret)).toBe(true);
  expect((await scout.list()).map((secret) => secret.id)).toEqual([made.id]);
});

test('the previous secret of a graced client can be ended early', async () => {
  const scout = await aScout({ overlap: 'graced' });
  const { clientSecret: old, id } = await scout.first();
  await scout.issued({ previousEndsAt: new Date(Date.now() + 3_600_000).toISOString() });
  expect(await scout.signsIn(old)).toBe(true);
  expect((await scout.issue({ tag: 'r2' })).status).toBe(409);
  expect((await scout.revoke(id)).status).toBe(204);
  expect(await scout.signsIn(old)).toBe(false);
  expect((await scout.revoke(id)).status).toBe(404);
});

test('when the new secret of a graced client is revoked, the previous one stays for good', async () => {
  const scout = await aScout({ overlap: 'graced' });
  const { clientSecret: old, id } = await scout.first();
  const previousEndsAt = new Date(Date.now() + 400).toISOString();
  const made = await scout.issued({ previousEndsAt });
  expect((await scout.revoke(made.id)).status).toBe(204);
  await until(() => Date.now() > Date.parse(previousEndsAt));
  expect(await scout.signsIn(old)).toBe(true);
  expect((await scout.list()).map((secret) => secret.id)).toEqual([id]);
  expect((await scout.revoke(id)).status).toBe(409);
});

test('the end of the previous secret is refused where the client has no grace', async () => {
  const previousEndsAt = new Date(Date.now() + 60_000).toISOString();
  for (const changes of [{}, { maxLive: 1, overlap: 'graced' }] as const) {
    const scout = await aScout(changes);
    expect((await scout.issue({ previousEndsAt })).status).toBe(400);
    expect(await scout.list()).toHaveLength(1);
  }
});

test('an earlier chosen value can be set back after it was replaced', async () => {
  const scout = await aScout({ chosenValue: true, maxLive: 1 });
  const { clientSecret: old } = await scout.first();
  await scout.issued({ tag: 'r1', value: 'a-value-the-caller-chose' });
  await scout.issued({ tag: 'r1-back', value: old });
  expect(await scout.signsIn(old)).toBe(true);
  expect(await scout.signsIn('a-value-the-caller-chose')).toBe(false);
});

test('the last live secret is never revoked, and a revoked one is gone', async () => {
  const scout = await aScout();
  const { id, clientSecret } = await scout.first();
  expect((await scout.revoke(id)).status).toBe(409);
  expect(await scout.signsIn(clientSecret)).toBe(true);
  await scout.issued();
  expect((await scout.revoke(id)).status).toBe(204);
  expect((await scout.revoke(id)).status).toBe(404);
});

test('a client without an API has no secrets there, except the one for seeding', async () => {
  const scout = await aScout({ hasApi: false });
  expect((await scout.issue()).status).toBe(404);
  expect((await scout.admin('GET', '/clients/sample/secrets')).status).toBe(404);
  expect((await scout.revoke((await scout.first()).id)).status).toBe(404);
  expect(await scout.signsIn((await scout.first()).clientSecret)).toBe(true);
});

test('a body that is no JSON, has a wrong field or is too long changes nothing', async () => {
  const scout = await aScout({ chosenValue: true });
  expect((await scout.issue({ tag: 7 })).status).toBe(400);
  expect((await scout.issue({ value: 'short' })).status).toBe(400);
  const post = (body: string) =>
    fetch(`${scout.url}/admin/clients/sample/secrets`, {
      method: 'POST',
      headers: { authorization: 'Bearer admin-token-of-this-test' },
      body,
    });
  expect((await post('{')).status).toBe(400);
  expect((await post(`{"tag":"${'x'.repeat(20_000)}"}`)).status).toBe(413);
  expect(await scout.list()).toHaveLength(1);
});

test('the sample world has one client of each kind, and two to be imported', () => {
  expect(
    defaultWorld.map(({ clientId, maxLive, list, hasApi }) => [clientId, maxLive, list, hasApi]),
  ).toEqual([
    ['fleet-api', 2, true, true],
    ['survey-importer', 1, false, true],
    ['report-builder', 1, false, true],
    ['partner-portal', 1, false, false],
    ['map-tiles', 2, true, true],
    ['photo-export', 2, true, true],
  ]);
});
