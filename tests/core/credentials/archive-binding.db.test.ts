import fs from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { allowConsumer } from '#core/credentials/allow-consumer.ts';
import { archiveBinding } from '#core/credentials/archive-binding.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { changeBinding } from '#core/credentials/change-binding.ts';
import { fetchSecret } from '#core/credentials/fetch-secret.ts';
import { listBindings } from '#core/credentials/list-bindings.ts';
import { loadComparable } from '#core/credentials/load-comparable.ts';
import { noteFinding } from '#core/credentials/note-finding.ts';
import { readBinding } from '#core/credentials/read-binding.ts';
import { readCredential } from '#core/credentials/read-credential.ts';
import { cancelRotation } from '#core/rotation/cancel-rotation.ts';
import { planRotation } from '#core/rotation/plan-rotation.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { db, inTransaction } from '#lib/db.ts';
import { makeApiClient } from '#tests/support/api-clients.ts';
import { limitedActor, production } from '#tests/support/limited-world.ts';
import { advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';
import { untilWaiting } from '#tests/support/until-waiting.ts';
import { auditBodies } from '#tests/support/users.ts';

const actor = system('test');
let sample: Sample;
let credentialId: string;

beforeAll(async () => {
  sample = await startSample();
  credentialId = await sample.credentialId('fleet-api');
});
afterAll(() => sample.close());

const rowOf = (id: string) => db().prisma.binding.findUniqueOrThrow({ where: { id } });
const bindingOf = async (name: Parameters<Sample['credentialId']>[0], kind = 'dotenv') =>
  (await listBindings(actor, { credentialId: await sample.credentialId(name) })).find(
    (one) => one.kind === kind,
  )?.id ?? '';

test('an unbound target keeps what it has, is not delivered to any more, is in no list, and the plan tells that it is left behind', async () => {
  const bindingId = await bindingOf('fleet-api', 'webhook');
  const held = sample.received;
  await archiveBinding(actor, { bindingId });
  expect(sample.received).toBe(held);
  expect(await listBindings(actor, { credentialId })).toHaveLength(1);
  await expect(readBinding(actor, { bindingId })).rejects.toMatchObject({ status: 404 });
  expect((await readCredential(actor, { credentialId })).bindings).toHaveLength(1);
  const { targets, radius } = await planRotation(actor, { credentialId });
  expect(targets.map(({ name }) => name)).toEqual(['Env file (sample)']);
  expect(radius.elsewhere).toEqual([
    'Webhook receiver (sample) is not bound any more and may still hold v1. Who reads it there gets no new secret.',
  ]);
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 0 });
  await advanceUntil(rotationId, ({ outcome }) => outcome === 'completed');
  expect(sample.received).toBe(held);
  expect(await auditBodies('binding.archived')).toMatchObject([
    { credential: 'fleet-api', target: 'Webhook receiver (sample)', keys: ['clientSecret'] },
  ]);
});

test('a second time there is none, and nothing of an unbound binding can be changed', async () => {
  const { id: bindingId } = await db().prisma.binding.findFirstOrThrow({
    where: { archivedAt: { not: null } },
  });
  await expect(archiveBinding(actor, { bindingId })).rejects.toMatchObject({ status: 404 });
  await expect(changeBinding(actor, { bindingId, canary: true })).rejects.toMatchObject({ status: 404 });
  expect(await auditBodies('binding.archived')).toHaveLength(1);
});

test('whoever could fetch can no longer, what is sealed of the place is erased, and each consumer is told in the audit', async () => {
  const targetId = (await addTarget(actor, { name: 'fetched', kind: 'pull', config: {} })).id;
  const wish = { credentialId, targetId, place: { application: 'fleet' }, fields: { clientSecret: 'S' } };
  const { id: bindingId } = await bindTarget(actor, wish);
  const client = await makeApiClient('viewer');
  await allowConsumer(actor, { bindingId, clientId: client.id });
  await db().prisma.binding.update({ where: { id: bindingId }, data: { sealed: 'something' } });
  const caller = { kind: 'api_client', id: client.id, name: client.name, role: 'viewer' } as const;
  const fetcher = { ...caller, stepUpAt: new Date() } as Parameters<typeof fetchSecret>[0];
  await fetchSecret(fetcher, { bindingId });
  await archiveBinding(actor, { bindingId });
  await expect(fetchSecret(fetcher, { bindingId })).rejects.toMatchObject({ status: 404 });
  expect(await rowOf(bindingId)).toMatchObject({ sealed: null, archivedAt: expect.any(Date) });
  expect(await db().prisma.bindingConsumer.count({ where: { bindingId } })).toBe(0);
  expect(await db().prisma.servedVersion.count({ where: { bindingId } })).toBe(0);
  expect((await auditBodies('consumer.removed')).at(-1)).toMatchObject({ name: client.name });
  await expect(allowConsumer(actor, { bindingId, clientId: client.id })).rejects.toMatchObject({
    status: 404,
  });
});

test('the key at the target may be bound again, and what was found there is no longer open', async () => {
  const bindingId = await bindingOf('survey-importer');
  const importer = await sample.credentialId('survey-importer');
  const { fields, place, targetId } = await rowOf(bindingId);
  const comparable = await loadComparable(importer);
  if (comparable === null) throw new Error('It can be compared.');
  const found = { bindingId, kind: 'foreign_value', detail: 'It holds another one.' } as const;
  await noteFinding(comparable, found);
  await archiveBinding(actor, { bindingId });
  const open = () => db().prisma.finding.count({ where: { credentialId: importer, clearedAt: null } });
  expect(await open()).toBe(0);
  // A comparison that began before ends after.
  await noteFinding(comparable, found);
  expect(await open()).toBe(0);
  const again = { credentialId: importer, targetId, place, fields } as Parameters<typeof bindTarget>[1];
  await bindTarget(actor, again);
  expect(fs.readFileSync(sample.envFile('survey-importer'), 'utf8')).toContain('SCOUT_CLIENT_SECRET=');
});

test('while a rotation is open it is refused, the rotation is named, and the binding is as it was', async () => {
  const bindingId = await bindingOf('survey-importer');
  const { rotationId } = await requestRotation(actor, {
    credentialId: await sample.credentialId('survey-importer'),
  });
  const before = await rowOf(bindingId);
  await expect(archiveBinding(actor, { bindingId })).rejects.toMatchObject({
    status: 409,
    code: 'rotation_open',
    extra: { rotationId },
  });
  expect(await rowOf(bindingId)).toEqual(before);
  await cancelRotation(actor, { rotationId, reason: 'test' });
});

test('a rotation that is asked for while a target is unbound waits, and does not deliver there', async () => {
  const builder = await sample.credentialId('report-builder');
  const bindingId = await bindingOf('report-builder');
  const before = fs.readFileSync(sample.envFile('report-builder'), 'utf8');
  let asked: ReturnType<typeof requestRotation> | undefined;
  await inTransaction(async (client) => {
    // As archiving does it, stopped before its end.
    await client.query('select 1 from credentials where id = $1 for update', [builder]);
    asked = requestRotation(actor, { credentialId: builder });
    await untilWaiting();
    await client.query('update bindings set archived_at = rekey_now() where id = $1', [bindingId]);
  });
  const { rotationId } = (await asked) ?? { rotationId: '' };
  await advanceUntil(rotationId, ({ outcome }) => outcome === 'completed');
  expect(fs.readFileSync(sample.envFile('report-builder'), 'utf8')).toBe(before);
});

test('somebody limited to another environment is told that there is none, and a viewer may not', async () => {
  const bindingId = await bindingOf('fleet-api');
  const outside = limitedActor({ environments: ['staging'], labels: [] });
  await expect(archiveBinding(outside, { bindingId })).rejects.toMatchObject({ status: 404 });
  const viewer = limitedActor(production, 'viewer');
  await expect(archiveBinding(viewer, { bindingId })).rejects.toMatchObject({ code: 'role_missing' });
  expect(await rowOf(bindingId)).toMatchObject({ archivedAt: null });
  await archiveBinding(limitedActor(production), { bindingId });
});
