import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Actor, system } from '#core/access/actor.ts';
import { planRotation } from '#core/rotation/plan-rotation.ts';
import { readRotation } from '#core/rotation/read-rotation.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { type Client, importClient } from '#tests/support/client.ts';
import { type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
let client: Client;
const actor = system('test');
const person: Actor = { kind: 'user', id: newId(), name: 'Ada', role: 'operator', stepUpAt: new Date() };

beforeAll(async () => {
  sample = await startSample();
  client = await importClient(sample, 'two-slots', { files: 2 });
});
afterAll(() => sample.close());

test('a plan names each target with its method, the environments it serves, its level, and when it was last verified', async () => {
  const { credentialId } = client;
  const { radius } = await planRotation(actor, { credentialId });
  expect(radius.elsewhere).toEqual([]);
  const target = { name: 'Env file (sample)', required: true, needs: 'read_back' };
  expect(radius.targets).toMatchObject([target, target]);
  expect(radius.targets[0]?.environments).toEqual(['production', 'test']);
  expect(radius.targets[0]?.method).not.toBe('');

  const [binding] = await db().prisma.binding.findMany({ where: { credentialId }, orderBy: { id: 'asc' } });
  await db().prisma.delivery.deleteMany({ where: { bindingId: { not: binding?.id ?? '' } } });
  const confirmedAt = new Date('2026-11-01T00:00:00Z');
  await db().prisma.delivery.updateMany({ where: { bindingId: binding?.id ?? '' }, data: { confirmedAt } });
  const seen = (await planRotation(actor, { credentialId })).radius.targets.map(({ verified }) => verified);
  expect(seen).toEqual([{ version: 1, level: 'read_back', at: confirmedAt.toISOString() }, null]);
});

test('who uses the secret without being a target is said: an unbound target, and another credential of the same value', async () => {
  const { credentialId } = client;
  const [binding] = await db().prisma.binding.findMany({ where: { credentialId }, orderBy: { id: 'asc' } });
  await db().prisma.binding.update({ where: { id: binding?.id ?? '' }, data: { archivedAt: new Date() } });
  const mine = await db().prisma.secretVersion.findFirstOrThrow({ where: { credentialId } });
  const other = await sample.credentialId('fleet-api');
  await db().prisma.secretVersion.updateMany({
    where: { credentialId: other, state: 'current' },
    data: { fingerprint: mine.fingerprint },
  });
  const { radius } = await planRotation(actor, { credentialId });
  expect(radius.targets).toHaveLength(1);
  expect(radius.elsewhere).toEqual([
    'Env file (sample) is not bound any more and may still hold v1. Who reads it there gets no new secret.',
    'One other credential holds the same value. It is not changed by this rotation.',
  ]);
});

test('a person says why something in production is rotated; without it nothing is stored', async () => {
  const credentialId = await sample.credentialId('fleet-api');
  expect(await planRotation(actor, { credentialId })).toMatchObject({
    environment: 'production',
    reasonRequired: true,
  });
  const refused = { code: 'reason_required', status: 422 };
  await expect(requestRotation(person, { credentialId })).rejects.toMatchObject(refused);
  await expect(requestRotation(person, { credentialId, reason: '  ' })).rejects.toMatchObject(refused);
  expect(await db().prisma.rotation.count()).toBe(0);
  const wish = { credentialId, reason: 'Quarterly', ticket: 'OPS-12' };
  const { rotationId } = await requestRotation(person, wish);
  expect(await readRotation(actor, { rotationId })).toMatchObject({ reason: 'Quarterly', ticket: 'OPS-12' });
  const [{ body = '' } = {}] = await db().prisma.auditEvent.findMany({
    where: { rotationId, action: 'rotation.requested' },
  });
  expect(JSON.parse(body)).toMatchObject({ ticket: 'OPS-12', reason: 'Quarterly' });
});

test('what is not in production, and what a script asks for, needs no reason', async () => {
  const { credentialId } = client;
  expect(await planRotation(actor, { credentialId })).toMatchObject({ reasonRequired: false });
  expect(await requestRotation(person, { credentialId })).toMatchObject({ existing: false });
  const script: Actor = { ...person, kind: 'api_client' };
  const production = await sample.credentialId('survey-importer');
  expect(await requestRotation(script, { credentialId: production })).toMatchObject({ existing: false });
});
