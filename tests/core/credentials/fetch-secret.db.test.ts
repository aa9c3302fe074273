import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { dispatch } from '#app/_doors/api/dispatch.ts';
import { routes } from '#app/_doors/api/routes.ts';
import { apiActor } from '#app/_doors/api-actor.ts';
import { type Actor, type Role, roles, system } from '#core/access/actor.ts';
import { changeApiClient } from '#core/clients/change-api-client.ts';
import { revokeApiClient } from '#core/clients/revoke-api-client.ts';
import { allowConsumer } from '#core/credentials/allow-consumer.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { changeCredential } from '#core/credentials/change-credential.ts';
import { fetchSecret } from '#core/credentials/fetch-secret.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { listFetches } from '#core/credentials/list-fetches.ts';
import { removeConsumer } from '#core/credentials/remove-consumer.ts';
import { reportVersion } from '#core/credentials/report-version.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { requestOf } from '#tests/app/api/ask.ts';
import { accessToken, makeApiClient } from '#tests/support/api-clients.ts';
import { advanceUntil } from '#tests/support/sample.ts';

const actor = system('test');
const canary = 'canary-Zq7-fetched-value-of-this-test-file-';
let issuerId: string;
let targetId: string;
let count = 0;

interface Scene {
  credentialId: string;
  bindingId: string;
  client: { id: string; name: string };
  token: string;
}

let scene: Scene;

beforeAll(async () => {
  process.env.REKEY_DATA_DIR = '/nonexistent/rekey-data';
  issuerId = (await addIssuer(actor, { name: 'random', kind: 'random', config: {} })).id;
  targetId = (await addTarget(actor, { name: 'fetched', kind: 'pull', config: {} })).id;
});

beforeEach(async () => {
  count += 1;
  const name = `app-${count}`;
  const { id: credentialId } = await importCredential(actor, {
    name,
    issuerId,
    place: {},
    environment: 'test',
    fields: { secret: canary },
  });
  const { id: bindingId } = await bindTarget(actor, {
    credentialId,
    targetId,
    place: { application: name },
    fields: { secret: 'APP_SECRET' },
  });
  const client = await makeApiClient('viewer');
  await allowConsumer(actor, { bindingId, clientId: client.id });
  scene = { credentialId, bindingId, client, token: await accessToken({ clientId: client.id }) };
});

afterAll(async () => {
  await db().pool.query('select 1');
});

/** The whole door: token, client, route. */
async function call(
  method: string,
  path: string,
  more: { token?: string; headers?: Record<string, string>; body?: unknown } = {},
) {
  const { token = scene.token, headers = {}, body } = more;
  const request = requestOf(method, path, {
    headers: { authorization: `Bearer ${token}`, ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const answer = await dispatch({ routes, actorOf: apiActor }, request);
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, body: text === '' ? {} : JSON.parse(text) };
}

const secretPath = () => `/bindings/${scene.bindingId}/secret`;
const fetched = (headers: Record<string, string> = {}, query = '') =>
  call('GET', `${secretPath()}${query}`, { headers });
const currentId = async () =>
  (
    await db().prisma.secretVersion.findFirstOrThrow({
      where: { credentialId: scene.credentialId, state: 'current' },
    })
  ).id;
const events = async (action: string) =>
  (
    await db().pool.query<{ body: string }>(
      `select body::text as body from audit_events where body::jsonb ->> 'action' = $1
     and body::jsonb ->> 'credentialId' = $2`,
      [action, scene.credentialId],
    )
  ).rows;

/** A version that is served as a rotation would, without one. */
async function serveAnother(): Promise<string> {
  const { rotationId } = await requestRotation(actor, {
    credentialId: scene.credentialId,
    graceSeconds: 3600,
  });
  await advanceUntil(rotationId, ({ phase, hold }) => phase === 'confirm' || hold !== null);
  const served = await db().prisma.servedVersion.findFirstOrThrow({
    where: { bindingId: scene.bindingId, slot: 'primary' },
  });
  return served.versionId;
}

test('the allowed client gets the values under the keys of the binding, with the version as ETag, and nothing may be stored', async () => {
  const answer = await fetched();
  const version = await currentId();
  expect(answer.body).toEqual({ version, entries: { APP_SECRET: canary } });
  expect(answer.headers.get('etag')).toBe(`"${version}"`);
  expect(answer.headers.get('cache-control')).toBe('no-store');
});

test('a binding is saved while nobody has fetched, and waits for a fetch from then on', async () => {
  const binding = await db().prisma.binding.findUniqueOrThrow({
    where: { id: scene.bindingId },
    include: { deliveries: true },
  });
  expect(binding).toMatchObject({ needs: 'read_back', deliveries: [{ level: 'accepted' }] });
});

test.each(roles)('another API client with the role %s gets no value and may report nothing', async (role) => {
  const other = await makeApiClient(role);
  const token = await accessToken({ clientId: other.id });
  const answer = await call('GET', secretPath(), { token });
  expect(answer).toMatchObject({ status: 403, body: { code: 'no_consumer' } });
  expect(answer.text).not.toContain(canary);
  const report = await call('POST', `/bindings/${scene.bindingId}/reports`, {
    token,
    body: { version: await currentId() },
  });
  expect(report).toMatchObject({ status: 403, body: { code: 'no_consumer' } });
});

const people = roles.map(
  (role): Actor => ({ kind: 'user', id: newId(), name: role, role, stepUpAt: new Date() }),
);

test.each([...people, system('worker')])(
  '$kind $name gets no value, even with the id of the client',
  async (who) => {
    for (const one of [who, { ...who, id: scene.client.id } as Actor]) {
      await expect(fetchSecret(one, { bindingId: scene.bindingId })).rejects.toMatchObject({
        status: 403,
        code: 'no_consumer',
      });
    }
  },
);

test('the right is for one binding: the same client gets nothing of another one', async () => {
  const { bindingId } = scene;
  const other = await makeApiClient('admin');
  await allowConsumer(actor, { bindingId, clientId: other.id });
  const { id } = await bindTarget(actor, {
    credentialId: scene.credentialId,
    targetId,
    place: { application: `beside-${count}` },
    fields: { secret: 'OTHER' },
  });
  expect(await call('GET', `/bindings/${id}/secret`)).toMatchObject({ status: 403 });
});

test('a client that was revoked, or whose right was taken, gets nothing from the next request on', async () => {
  const { bindingId, client } = scene;
  await removeConsumer(actor, { bindingId, clientId: client.id });
  expect(await fetched()).toMatchObject({ status: 403 });
  await allowConsumer(actor, { bindingId, clientId: client.id });
  expect(await fetched()).toMatchObject({ status: 200 });
  await revokeApiClient(actor, { clientId: client.id, typedName: client.name });
  expect(await fetched()).toMatchObject({ status: 401 });
  const asClient = { kind: 'api_client' as const, ...client, role: 'viewer' as Role, stepUpAt: new Date() };
  await expect(fetchSecret(asClient, { bindingId })).rejects.toMatchObject({ status: 403 });
});

test('what lies outside of the limits of a client does not exist for it', async () => {
  const scope = { environments: ['elsewhere'], labels: [] };
  const limited = {
    kind: 'api_client' as const,
    ...scene.client,
    role: 'viewer' as Role,
    stepUpAt: new Date(),
    scope,
  };
  await expect(fetchSecret(limited, { bindingId: scene.bindingId })).rejects.toMatchObject({ status: 404 });
});

test('a client whose limits leave the credential out is not allowed to fetch, because every rotation would wait for it', async () => {
  const { bindingId } = scene;
  const { id: clientId, name } = await makeApiClient('viewer');
  const limits = (environments: string[], labels: string[] = []) =>
    changeApiClient(actor, { clientId, name, role: 'viewer', environments, labels });
  for (const refused of [() => limits(['elsewhere']), () => limits([], ['edge'])]) {
    await refused();
    await expect(allowConsumer(actor, { bindingId, clientId })).rejects.toMatchObject({
      code: 'outside_its_limits',
      message: expect.stringContaining(name),
    });
  }
  await limits(['test', 'elsewhere']);
  await expect(allowConsumer(actor, { bindingId, clientId })).resolves.toMatchObject({ client: name });
});

test('a rotation is held at preflight, and names the client, once the credential has left the limits of one that may fetch', async () => {
  const { credentialId, client } = scene;
  await changeApiClient(actor, {
    clientId: client.id,
    name: client.name,
    role: 'viewer',
    environments: ['test'],
  });
  await changeCredential(actor, { credentialId, environment: 'moved' });
  const { rotationId } = await requestRotation(actor, { credentialId });
  const held = await advanceUntil(rotationId, ({ hold }) => hold !== null);
  expect(held).toMatchObject({ phase: 'preflight', hold: 'target_unhealthy' });
  expect(held.holdDetail).toContain(client.name);
});

test('who has the version is answered 304 without it; another tag, a star or HEAD opens no other way', async () => {
  const etag = (await fetched()).headers.get('etag') ?? '';
  for (const header of [etag, `W/${etag}`, `"x", ${etag}`]) {
    const same = await fetched({ 'if-none-match': header });
    expect({ status: same.status, text: same.text, etag: same.headers.get('etag') }).toEqual({
      status: 304,
      text: '',
      etag,
    });
    expect(same.headers.get('cache-control')).toBe('no-store');
  }
  expect(await fetched({ 'if-none-match': '"another"' })).toMatchObject({ status: 200 });
  expect(await call('HEAD', secretPath())).toMatchObject({ status: 405 });
});

test('a wait ends with 304 when its time is over, and a wait that is too long is refused or cut', async () => {
  const etag = (await fetched()).headers.get('etag') ?? '';
  const began = performance.now();
  expect(await fetched({ 'if-none-match': etag }, '?wait=1')).toMatchObject({ status: 304 });
  expect(performance.now() - began).toBeGreaterThanOrEqual(990);
  expect(await fetched({ 'if-none-match': etag, prefer: 'respond-async, wait=1' })).toMatchObject({
    status: 304,
  });
  expect(performance.now() - began).toBeGreaterThanOrEqual(1980);
  expect(await fetched({}, '?wait=31')).toMatchObject({ status: 400 });
  expect(await fetched({ prefer: 'wait=9999' })).toMatchObject({ status: 200 });
});

test('a waiting consumer is answered the next version as soon as it is delivered', async () => {
  const etag = (await fetched()).headers.get('etag') ?? '';
  const waiting = fetched({ 'if-none-match': etag }, '?wait=30');
  const version = await serveAnother();
  const answer = await waiting;
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({ version });
  expect(answer.body.entries.APP_SECRET).not.toBe(canary);
});

test('a client whose right ends while it waits is not answered the next version', async () => {
  const etag = (await fetched()).headers.get('etag') ?? '';
  const waiting = fetched({ 'if-none-match': etag }, '?wait=30');
  await new Promise((resolve) => setTimeout(resolve, 50));
  await removeConsumer(actor, { bindingId: scene.bindingId, clientId: scene.client.id });
  const other = await makeApiClient();
  await allowConsumer(actor, { bindingId: scene.bindingId, clientId: other.id });
  await serveAnother();
  expect(await waiting).toMatchObject({ status: 403 });
});

test('a client that waits while the database is marked as restored is not answered', async () => {
  const { headers } = await fetched();
  const waiting = fetched({ 'if-none-match': headers.get('etag') ?? '' }, '?wait=2');
  await new Promise((resolve) => setTimeout(resolve, 500));
  await db().pool.query(`insert into standstill (id, by, reason) values (2, 'Rekey', 'marked meanwhile')`);
  const answer = await waiting;
  await db().pool.query('delete from standstill where id = 2');
  expect(answer).toMatchObject({ status: 409, body: { code: 'restored' } });
});

test('the first fetch of a version is audited without the value, and the same again only renews what is known', async () => {
  await fetched();
  const [first] = (await listFetches(actor, { credentialId: scene.credentialId }))[0]?.consumers ?? [];
  await fetched();
  const told = await events('secret.fetched');
  expect(told).toHaveLength(1);
  expect(told[0]?.body).toContain(scene.client.name);
  expect(told[0]?.body).not.toContain(canary);
  expect(first).toMatchObject({
    client: scene.client.name,
    fetched: { version: 1 },
    reported: null,
    revoked: false,
  });
});

test('a report says which version is used; one of a version that was not fetched is refused', async () => {
  const path = `/bindings/${scene.bindingId}/reports`;
  const version = await currentId();
  expect(await call('POST', path, { body: { version } })).toMatchObject({
    status: 409,
    body: { code: 'not_fetched' },
  });
  await fetched();
  expect(await call('POST', path, { body: { version: newId() } })).toMatchObject({ status: 409 });
  for (let time = 0; time < 2; time += 1) {
    expect(await call('POST', path, { body: { version } })).toMatchObject({ status: 200, body: { version } });
  }
  expect(await events('secret.reported')).toHaveLength(1);
  expect(await listFetches(actor, { credentialId: scene.credentialId })).toMatchObject([
    { served: 1, next: null, consumers: [{ reported: { version: 1 } }] },
  ]);
});

test('no table holds the value in any form that can be read, and no answer but the one to the consumer', async () => {
  await fetched();
  await reportVersion(
    { kind: 'api_client', ...scene.client, role: 'viewer', stepUpAt: new Date() },
    { bindingId: scene.bindingId, version: await currentId() },
  );
  const { rows } = await db().pool.query<{ name: string }>(
    `select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables
      where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  expect(rows.length).toBeGreaterThan(20);
  for (const { name } of rows) {
    const found = await db().pool.query(`select 1 from ${name} t where t::text like $1`, [`%${canary}%`]);
    expect(found.rows, name).toEqual([]);
  }
  const list = await call('GET', `/credentials/${scene.credentialId}/fetches`);
  expect(list.status).toBe(200);
  expect(list.text).not.toContain(canary);
});

test('only an admin who has just proved who they are lets a client fetch, and only from a target that is fetched from', async () => {
  const { bindingId } = scene;
  const { id: clientId } = await makeApiClient();
  const who = (role: Role, stepUpAt: Date): Actor => ({
    kind: 'user',
    id: newId(),
    name: role,
    role,
    stepUpAt,
  });
  for (const role of roles.filter((one) => one !== 'admin')) {
    await expect(allowConsumer(who(role, new Date()), { bindingId, clientId })).rejects.toMatchObject({
      code: 'role_missing',
    });
  }
  await expect(allowConsumer(who('admin', new Date(0)), { bindingId, clientId })).rejects.toMatchObject({
    code: 'step_up_required',
  });
  await expect(allowConsumer(actor, { bindingId, clientId: newId() })).rejects.toMatchObject({ status: 404 });
  const env = await addTarget(actor, { name: `env-${count}`, kind: 'dotenv', config: {} });
  const other = await db().prisma.binding.create({
    data: {
      credentialId: scene.credentialId,
      targetId: env.id,
      place: { path: '/tmp/x/app.env' },
      fields: {},
      needs: 'accepted',
    },
  });
  await expect(allowConsumer(actor, { bindingId: other.id, clientId })).rejects.toMatchObject({
    code: 'not_fetched_from',
  });
});
