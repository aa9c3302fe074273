import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { type Actor, system } from '#core/access/actor.ts';
import { allowConsumer } from '#core/credentials/allow-consumer.ts';
import { archiveCredential } from '#core/credentials/archive-credential.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { changeCredential } from '#core/credentials/change-credential.ts';
import { findDrift } from '#core/credentials/find-drift.ts';
import { findSecret } from '#core/credentials/find-secret.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { pauseCredential } from '#core/credentials/pause-credential.ts';
import { readCredential } from '#core/credentials/read-credential.ts';
import { searchCredentials } from '#core/credentials/search-credentials.ts';
import { listAuditEvents } from '#core/evidence/list-audit-events.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { advanceBatches } from '#core/rotation/batches/advance-batches.ts';
import { insertRotation } from '#core/rotation/insert-rotation.ts';
import { makePlan } from '#core/rotation/plan.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { startDueRotation } from '#core/rotation/start-due-rotation.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { rotateMasterKey } from '#core/vault/rotate-master-key.ts';
import { db } from '#lib/db.ts';
import { env } from '#lib/env.ts';
import { newId } from '#lib/new-id.ts';
import { ask } from '#tests/app/api/ask.ts';
import { makeApiClient } from '#tests/support/api-clients.ts';
import { moveTime } from '#tests/support/database.ts';

const setup = system('test');
let issuerId: string;
let targetId: string;
let policyId: string;
let credentialId: string;
let bindingId: string;
let name: string;
let count = 0;

/** As long as the values that such an issuer makes, and another one for each test. */
const canary = () => `canary-Ar7-value-of-an-archived-${count}`.padEnd(43, '-');

const admin = (stepUpAt = new Date(Date.now() + 86_400_000)): Actor => ({
  kind: 'user',
  id: newId(),
  name: 'Anna',
  role: 'admin',
  stepUpAt,
});

beforeAll(async () => {
  process.env.REKEY_DATA_DIR = '/nonexistent/rekey-data';
  issuerId = (await addIssuer(setup, { name: 'random', kind: 'random', config: {} })).id;
  targetId = (await addTarget(setup, { name: 'fetched', kind: 'pull', config: {} })).id;
  const rhythm = { intervalSeconds: 3600 };
  policyId = (await createPolicy(setup, { name: 'hourly', rhythm, graceSeconds: 60 })).id;
});

const wish = () => ({
  name,
  issuerId,
  place: {},
  environment: 'test',
  fields: { secret: canary() },
});
const binding = () => ({
  credentialId,
  targetId,
  place: { application: name },
  fields: { secret: 'APP_SECRET' },
});

beforeEach(async () => {
  count += 1;
  name = `kept-${count}`;
  ({ id: credentialId } = await importCredential(setup, wish()));
  ({ id: bindingId } = await bindTarget(setup, binding()));
});

const archive = (more: object = {}) => archiveCredential(admin(), { credentialId, name, ...more });
const row = () => db().prisma.credential.findUniqueOrThrow({ where: { id: credentialId } });
const rotations = () => db().prisma.rotation.count({ where: { credentialId } });
const eventsOf = async () =>
  (await db().prisma.auditEvent.findMany({ where: { credentialId }, orderBy: { id: 'asc' } })).map(
    ({ body }) => JSON.parse(body) as Record<string, unknown>,
  );

/** Everything about a credential that an archived one has otherwise. */
const standing = async () => [
  await row(),
  await db().prisma.secretVersion.findMany({ where: { credentialId } }),
  await db().prisma.binding.findMany({ where: { credentialId } }),
  await db().prisma.policyAssignment.findMany({ where: { credentialId } }),
  (await eventsOf()).length,
];

/** Runs a part of a test while another session has the locks of a statement. */
async function whileLocked(lock: string, values: unknown[], part: (client: pg.Client) => Promise<void>) {
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  try {
    await client.query('begin');
    await client.query(lock, values);
    await part(client);
  } finally {
    await client.end();
  }
}

/** Until so many statements wait for a lock that another one has. */
async function untilWaiting(many: number): Promise<void> {
  for (;;) {
    const { rows } = await db().pool.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if ((rows[0]?.n ?? 0) >= many) return;
    await wait(10);
  }
}

test('values are erased, policy, bindings, findings and consumers go, and what is history stays', async () => {
  await assignPolicy(setup, { credentialId, policyId });
  const { id: clientId } = await makeApiClient('viewer');
  await allowConsumer(admin(), { bindingId, clientId });
  await db().prisma.finding.create({
    data: { credentialId, bindingId, kind: 'foreign_value', detail: 'odd' },
  });
  const [before] = await db().prisma.secretVersion.findMany({ where: { credentialId } });
  await archive();
  expect(await row()).toMatchObject({ archivedAt: expect.any(Date), sealed: null });
  expect(await db().prisma.secretVersion.findMany({ where: { credentialId } })).toEqual([
    { ...before, sealed: null },
  ]);
  expect(await db().prisma.binding.findMany({ where: { credentialId } })).toMatchObject([
    { archivedAt: expect.any(Date), sealed: null },
  ]);
  expect(await db().prisma.policyAssignment.count({ where: { credentialId } })).toBe(0);
  expect(await db().prisma.servedVersion.count({ where: { bindingId } })).toBe(0);
  expect(await db().prisma.bindingConsumer.count({ where: { bindingId } })).toBe(0);
  expect(await db().prisma.finding.count({ where: { credentialId, clearedAt: null } })).toBe(0);
  expect((await eventsOf()).slice(-4)).toMatchObject([
    { action: 'policy.unassigned', policy: 'hourly', credential: name, actor: { name: 'Anna' } },
    { action: 'consumer.removed', target: 'fetched', credential: name },
    { action: 'binding.archived', target: 'fetched', keys: ['APP_SECRET'], credential: name },
    { action: 'credential.archived', credential: name, credentialId },
  ]);
});

test('it takes an admin who has just proved who they are, and the name typed; otherwise nothing is changed', async () => {
  await assignPolicy(setup, { credentialId, policyId });
  const before = await standing();
  const refused = (act: Promise<unknown>, code: string) => expect(act).rejects.toMatchObject({ code });
  await refused(archiveCredential(admin(new Date(0)), { credentialId, name }), 'step_up_required');
  await refused(
    archiveCredential({ ...admin(), role: 'operator' } as Actor, { credentialId, name }),
    'role_missing',
  );
  await refused(archive({ name: 'another' }), 'name_required');
  await refused(archive({ credentialId: newId() }), 'not_found');
  expect(await standing()).toEqual(before);
});

test('an open rotation, one that waits for approvals too, refuses it and is named', async () => {
  const { rotationId } = await requestRotation(setup, { credentialId, graceSeconds: 60 });
  await db().prisma.rotation.update({ where: { id: rotationId }, data: { hold: 'approval_pending' } });
  const before = await standing();
  await expect(archive()).rejects.toMatchObject({
    status: 409,
    code: 'rotation_open',
    extra: { rotationId },
  });
  expect(await standing()).toEqual(before);
  await db().prisma.rotation.update({
    where: { id: rotationId },
    data: { outcome: 'cancelled', hold: null },
  });
  await archive();
  expect((await row()).archivedAt).not.toBeNull();
});

test('a review of a broken glass that is open refuses it: somebody still owes the conclusion', async () => {
  const { rotationId } = await requestRotation(setup, { credentialId, graceSeconds: 60 });
  await db().prisma.rotation.update({ where: { id: rotationId }, data: { outcome: 'completed' } });
  const glass = {
    rotationId,
    credentialId,
    state: 'broken',
    requestedBy: {},
    reason: 'leak',
    until: new Date(),
  };
  const { id } = await db().prisma.glassBreak.create({ data: glass });
  await expect(archive()).rejects.toMatchObject({ status: 409, code: 'review_open' });
  await db().prisma.glassBreak.update({ where: { id }, data: { conclusion: 'looked at' } });
  await archive();
});

test('it waits for no healing: while a target is healed it is refused', async () => {
  await db().pool.query(
    `update credentials set healing_until = rekey_now() + interval '15 seconds' where id = $1`,
    [credentialId],
  );
  await expect(archive()).rejects.toMatchObject({ status: 409, code: 'being_healed' });
});

test('one that waits in a batch is passed over by the batch, which says why', async () => {
  const batchId = newId();
  await db().prisma.batch.create({
    data: {
      id: batchId,
      maxConcurrency: 1,
      stopOnFailure: true,
      graceSeconds: 60,
      reason: 'all of them',
      listDigest: 'd',
      startedBy: { kind: 'user', id: null, name: 'Ada' },
      members: { create: { position: 0, credentialId, expectedSeconds: 1 } },
    },
  });
  await archive();
  await advanceBatches();
  expect(await db().prisma.batchMember.findMany({ where: { batchId } })).toMatchObject([
    { state: 'skipped', whyCode: 'archived' },
  ]);
  expect(await rotations()).toBe(0);
});

test('of a rotation that began a moment before, archiving sees it and is refused', async () => {
  const plan = await makePlan(db().pool, { credentialId, graceSeconds: 60, requester: 'Ada' });
  await whileLocked('select 1', [], async (client) => {
    const actor = { kind: 'user' as const, id: null, name: 'Ada' };
    const rotation = { id: newId(), plan, actor, priority: 'manual' as const };
    await insertRotation(async (text, values) => (await client.query(text, [...values])).rows, rotation);
    const archived = archive();
    archived.catch(() => {});
    await untilWaiting(1);
    await client.query('commit');
    await expect(archived).rejects.toMatchObject({ code: 'rotation_open' });
  });
  expect(await rotations()).toBe(1);
});

test('of a slot that comes due a moment before, its rotation starts and archiving is refused', async () => {
  await assignPolicy(setup, { credentialId, policyId, first: 'now' });
  // The session that has the issuer keeps the start back after it has claimed the slot.
  await whileLocked('select 1 from issuers where id = $1 for update', [issuerId], async (client) => {
    const started = startDueRotation(credentialId);
    await untilWaiting(1);
    const ends = Promise.allSettled([archive(), started]);
    await untilWaiting(2);
    await client.query('commit');
    const [archived, start] = await ends;
    expect(start).toMatchObject({ status: 'fulfilled', value: expect.any(String) });
    expect(archived).toMatchObject({ status: 'rejected', reason: { code: 'rotation_open' } });
  });
});

// The session that has the versions keeps archiving back after it has locked the credential.
const LAST = 'select 1 from secret_versions where credential_id = $1 for update';

test('of a rotation, a policy and a binding that are asked for a moment after, each finds it archived', async () => {
  await assignPolicy(setup, { credentialId, policyId, first: 'now' });
  await whileLocked(LAST, [credentialId], async (client) => {
    const archived = archive();
    await untilWaiting(1);
    // A slot that is due is left alone, and nobody waits for it.
    expect(await startDueRotation(credentialId)).toBeUndefined();
    const late = [
      requestRotation(setup, { credentialId, graceSeconds: 60 }),
      assignPolicy(setup, { credentialId, policyId }),
      bindTarget(setup, { ...binding(), place: { application: `${name}-late` } }),
    ];
    const ends = Promise.allSettled(late);
    await untilWaiting(1 + late.length);
    await client.query('commit');
    await archived;
    for (const end of await ends) {
      expect(end).toMatchObject({ status: 'rejected', reason: { status: 404, code: 'not_found' } });
    }
  });
  expect(await rotations()).toBe(0);
  expect(await db().prisma.policyAssignment.count({ where: { credentialId } })).toBe(0);
  expect(await db().prisma.binding.count({ where: { credentialId, archivedAt: null } })).toBe(0);
});

test('its name is free again, and a question by the name asks for the events of both', async () => {
  await archive();
  const { id: again } = await importCredential(setup, wish());
  expect(again).not.toBe(credentialId);
  const { items } = await listAuditEvents(setup, { q: `credential:${name}` });
  expect(new Set(items.map((event) => event.credentialId))).toEqual(new Set([again, credentialId]));
});

test('it is in no list any more, its page says when it was archived, and nothing can be done to it', async () => {
  await archive();
  const names = (await searchCredentials(setup, {})).items.map((one) => one.name);
  expect(names).not.toContain(name);
  await expect(readCredential(setup, { credentialId })).rejects.toMatchObject({
    status: 404,
    code: 'archived',
    message: expect.stringContaining(name),
  });
  for (const act of [
    () => archive(),
    () => changeCredential(setup, { credentialId, owner: 'Me' }),
    () => pauseCredential(setup, { credentialId, reason: 'why not' }),
    () => requestRotation(setup, { credentialId, graceSeconds: 60 }),
    () => requestRotation(setup, { credentialId, priority: 'breach' as const }),
    () => assignPolicy(setup, { credentialId, policyId }),
    () => bindTarget(setup, binding()),
  ]) {
    await expect(act()).rejects.toMatchObject({ status: 404 });
  }
});

test('schedules and comparisons leave it alone', async () => {
  await assignPolicy(setup, { credentialId, policyId });
  await archive();
  const events = (await eventsOf()).length;
  await moveTime(process.env.DATABASE_URL ?? '', '3 hours');
  expect(await startDueRotation(credentialId)).toBeUndefined();
  await findDrift(100);
  expect((await row()).driftAt).toBeNull();
  expect((await eventsOf()).length).toBe(events);
});

test('a look-up still tells whose a leaked value was, and that it is archived', async () => {
  await archive();
  const text = `found in a log: ${canary()}`;
  expect(await findSecret(setup, { text })).toMatchObject([
    { credential: name, version: 1, archived: true, live: 'unknown' },
  ]);
});

test('the master key is rotated as before', async () => {
  await archive();
  const keyring = env().REKEY_MASTER_KEYS;
  const before = [...keyring];
  keyring.clear();
  keyring.set('newer', Buffer.alloc(32, 9));
  for (const [id, value] of before) keyring.set(id, value);
  const { broken, uses } = await rotateMasterKey(db(), { kind: 'system', id: null, name: 'test' });
  expect(broken).toEqual([]);
  expect(uses.filter(({ seals, values }) => !seals && values > 0)).toEqual([]);
});

test('the API archives with the name in the address and a fresh token, and answers nothing', async () => {
  const at = `/credentials/${credentialId}`;
  const stale = { id: newId(), role: 'admin' as const, stepUpAt: new Date(0) };
  const named = `${at}?name=${encodeURIComponent(name)}`;
  const fresh = { ...stale, stepUpAt: new Date(Date.now() + 86_400_000) };
  expect((await ask('DELETE', named, { caller: stale })).body.code).toBe('step_up_required');
  expect((await ask('DELETE', `${at}?name=other`, { caller: fresh })).body.code).toBe('name_required');
  expect((await ask('DELETE', at, { caller: fresh })).status).toBe(400);
  expect((await ask('DELETE', named, { caller: fresh })).status).toBe(204);
  expect((await ask('GET', at)).body).toMatchObject({ code: 'archived' });
});
