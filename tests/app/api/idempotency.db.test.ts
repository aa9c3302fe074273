import { expect, test } from 'vitest';
import { z } from 'zod';
import { dispatch } from '#app/_doors/api/dispatch.ts';
import { changing } from '#app/_doors/api/route.ts';
import { system } from '#core/access/actor.ts';
import { forgetOldKeys } from '#core/access/idempotency.ts';
import { createApiClient } from '#core/clients/create-api-client.ts';
import { readApiClient } from '#core/clients/read-api-client.ts';
import { rotateApiClientSecret } from '#core/clients/rotate-api-client-secret.ts';
import { databaseTime } from '#lib/clock.ts';
import { db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { Problem } from '#lib/problem.ts';
import { ask, requestOf } from '#tests/app/api/ask.ts';
import { moveTime } from '#tests/support/database.ts';

const policy = (name: string) => ({ name, rhythm: { interval: 'P30D' }, gracePeriod: 'P1D' });
const keyed = (key: string) => ({ headers: { 'idempotency-key': key } });
const clock = (interval: string) => moveTime(process.env.DATABASE_URL ?? '', interval);

test('the same request under the same key is done once, and answered the same', async () => {
  const key = newId();
  const first = await ask('POST', '/policies', { body: policy('once'), ...keyed(key) });
  const second = await ask('POST', '/policies', { body: policy('once'), ...keyed(key) });
  expect(second.status).toBe(201);
  expect(second.body).toEqual(first.body);
  expect(second.headers.get('location')).toBe(first.headers.get('location'));
  expect(first.headers.get('idempotent-replayed')).toBeNull();
  expect(second.headers.get('idempotent-replayed')).toBe('true');
  expect(await db().prisma.policy.count({ where: { name: 'once' } })).toBe(1);
});

test('the same key with another body is refused, and does nothing', async () => {
  const key = newId();
  await ask('POST', '/policies', { body: policy('one body'), ...keyed(key) });
  const other = await ask('POST', '/policies', { body: policy('another body'), ...keyed(key) });
  expect({ status: other.status, code: other.body.code }).toEqual({ status: 422, code: 'key_reused' });
  expect(await db().prisma.policy.count({ where: { name: 'another body' } })).toBe(0);
});

test('the same key at another path is refused', async () => {
  const key = newId();
  const reason = { reason: 'to see' };
  await ask('POST', '/pause', { body: reason, ...keyed(key) });
  const { status } = await ask('POST', `/credentials/${newId()}/pause`, { body: reason, ...keyed(key) });
  await ask('POST', '/unpause', { body: {} });
  expect(status).toBe(422);
});

test('the same key of another client is another key', async () => {
  const key = newId();
  await ask('POST', '/policies', { body: policy('mine'), ...keyed(key) });
  const caller = { id: newId(), role: 'admin' as const };
  const { status } = await ask('POST', '/policies', { caller, body: policy('theirs'), ...keyed(key) });
  expect(status).toBe(201);
});

test('of many requests at the same time under one key, one is done, and no other answers as if it had been', async () => {
  const key = newId();
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => ask('POST', '/policies', { body: policy('raced'), ...keyed(key) })),
  );
  const made = answers.filter(
    ({ status, headers }) => status === 201 && headers.get('idempotent-replayed') === null,
  );
  expect(made).toHaveLength(1);
  for (const { status, body } of answers.filter(({ status }) => status !== 201)) {
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'still_running' });
  }
  expect(await db().prisma.policy.count({ where: { name: 'raced' } })).toBe(1);
});

test('while the first request runs, the same one is told so', async () => {
  const key = newId();
  await ask('POST', '/policies', { body: policy('running'), ...keyed(key) });
  await db().prisma.idempotencyKey.updateMany({ where: { key }, data: { status: null, resource: null } });
  const { status, body } = await ask('POST', '/policies', { body: policy('running'), ...keyed(key) });
  expect({ status, code: body.code }).toEqual({ status: 409, code: 'still_running' });
});

test('a process that died leaves its key to the same request, after the time that a request can last', async () => {
  const key = newId();
  await ask('POST', '/policies', { body: policy('died'), ...keyed(key) });
  await db().prisma.policy.deleteMany({ where: { name: 'died' } });
  await db().prisma.idempotencyKey.updateMany({ where: { key }, data: { status: null, resource: null } });
  await clock('6 minutes');
  const { status } = await ask('POST', '/policies', { body: policy('died'), ...keyed(key) });
  expect(status).toBe(201);
});

test('a refused request leaves its key free, so that it can be mended and sent again', async () => {
  const key = newId();
  await ask('POST', '/policies', { body: policy('taken') });
  expect((await ask('POST', '/policies', { body: policy('taken'), ...keyed(key) })).status).toBe(409);
  expect((await ask('POST', '/policies', { body: policy('free'), ...keyed(key) })).status).toBe(201);
});

test('where only reading the answer failed, the same request again reads it, and nothing is done twice', async () => {
  const { id: clientId } = await createApiClient(system('test'), { name: 'read late', role: 'viewer' });
  const answers = z.object({ id: z.uuid(), secret: z.string().optional() });
  let reads = 0;
  const route = changing({
    method: 'POST',
    path: '/api-clients/{clientId}/rotate-secret',
    operationId: 'rotateApiClientSecret',
    tag: 'api clients',
    summary: 'As the route of this name, but read at the second attempt only',
    calls: rotateApiClientSecret,
    input: ({ path }) => ({ ...path, overlap: '1h' as const }),
    status: 200,
    shows: {
      answers,
      path: (id) => `/api-clients/${id}`,
      read: async (actor, id) => {
        reads += 1;
        if (reads === 1) throw new Problem(503, 'busy', 'No connection was free in time.');
        return readApiClient(actor, { clientId: id });
      },
    },
    resource: (_secret, { clientId: id }) => id,
    once: ({ secret }) => ({ secret: secret.expose() }),
  });
  const headers = { 'idempotency-key': newId() };
  const path = `/api-clients/${clientId}/rotate-secret`;
  const api = { routes: [route], actorOf: async () => system('test') };
  const send = () => dispatch(api, requestOf('POST', path, { body: {}, headers }));
  expect((await send()).status).toBe(503);
  const again = await send();
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect({ status: again.status, body: await again.json() }).toEqual({ status: 200, body: { id: clientId } });
  expect(await db().prisma.apiClientSecret.count({ where: { clientId } })).toBe(2);
});

test('after a day the key is free, and the sweep removes its row', async () => {
  const key = newId();
  await ask('POST', '/policies', { body: policy('a day ago'), ...keyed(key) });
  await clock('25 hours');
  expect((await ask('POST', '/policies', { body: policy('today'), ...keyed(key) })).status).toBe(201);
  await clock('25 hours');
  await forgetOldKeys();
  expect(await db().prisma.idempotencyKey.count()).toBe(0);
});

test('of a request nothing is kept but its key, who sent it, a digest, the status and what it made', async () => {
  const key = newId();
  const { body } = await ask('POST', '/policies', { body: policy('kept'), ...keyed(key) });
  const row = await db().prisma.idempotencyKey.findFirstOrThrow({ where: { key } });
  expect(row).toEqual({
    actorId: 'api_client:00000000-0000-7000-8000-000000000001',
    key,
    request: expect.stringMatching(/^[0-9a-f]{64}$/),
    status: 201,
    resource: body.id,
    runsUntil: expect.any(Date),
    expiresAt: expect.any(Date),
  });
});

test.each(['', 'a b', 'x'.repeat(256)])('%j is no key', async (key) => {
  const { status, body } = await ask('POST', '/policies', { body: policy('no key'), ...keyed(key) });
  expect({ status, code: body.code }).toEqual({ status: 400, code: 'bad_key' });
});

test('a secret that is shown once is not shown to the same request again', async () => {
  const body = { name: 'a pipeline', role: 'viewer' };
  const key = newId();
  // The clock of the database was moved by the tests before.
  const caller = { id: newId(), role: 'admin' as const, stepUpAt: await databaseTime() };
  const first = await ask('POST', '/api-clients', { caller, body, ...keyed(key) });
  const second = await ask('POST', '/api-clients', { caller, body, ...keyed(key) });
  expect(first).toMatchObject({ status: 201, body: { name: 'a pipeline' } });
  expect(first.body.secret).toMatch(/.{32,}/);
  expect({ status: second.status, id: second.body.id }).toEqual({ status: 201, id: first.body.id });
  expect(second.body).not.toHaveProperty('secret');
  const rotated = await ask('POST', `/api-clients/${first.body.id}/rotate-secret`, {
    caller,
    body: { gracePeriod: 'PT24H' },
    ...keyed(newId()),
  });
  expect(rotated.body.secret).not.toBe(first.body.secret);
  const read = await ask('GET', `/api-clients/${first.body.id}`);
  const rows = await db().prisma.idempotencyKey.findMany();
  for (const secret of [first.body.secret, rotated.body.secret]) {
    expect(JSON.stringify([read.body, rows])).not.toContain(secret);
  }
});
