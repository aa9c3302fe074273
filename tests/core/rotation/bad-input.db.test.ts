import fs from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { checkIssuer } from '#core/issuers/check-issuer.ts';
import { probeUnhealthyIssuers } from '#core/issuers/probe-unhealthy-issuers.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { resumeRotation } from '#core/rotation/resume-rotation.ts';
import { db } from '#lib/db.ts';
import { importClient } from '#tests/support/client.ts';
import { moveTime } from '#tests/support/database.ts';
import { advanceThroughRetries, advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
const actor = system('test');

beforeAll(async () => {
  sample = await startSample();
});
afterAll(() => sample.close());
afterEach(async () => {
  await db().pool.query(`update rotations set outcome = 'cancelled' where outcome is null`);
  await db().pool.query(`update issuers set health = 'unknown', failures = 0`);
  await sample.clearFaults();
});

async function currentWorks(name: 'fleet-api' | 'survey-importer'): Promise<void> {
  const credentialId = await sample.credentialId(name);
  expect(await db().prisma.secretVersion.count({ where: { credentialId, state: 'current' } })).toBe(1);
  expect(await sample.askToken(name, sample.secretInFile(name))).toMatchObject({ status: 200 });
}

test('a malformed env file holds the rotation before anything changes, names the line, and goes on once it is mended', async () => {
  const file = sample.envFile('survey-importer');
  const good = fs.readFileSync(file, 'utf8');
  const bad = `${good}this is no setting\n`;
  fs.writeFileSync(file, bad);
  const credentialId = await sample.credentialId('survey-importer');
  const { rotationId } = await requestRotation(actor, { credentialId });

  const held = await advanceThroughRetries(rotationId);
  expect(held).toMatchObject({ phase: 'preflight', hold: 'target_unhealthy' });
  expect(held.holdDetail).toMatch(/Line 6 of .*survey-importer/);
  expect(fs.readFileSync(file, 'utf8')).toBe(bad);
  expect(await db().prisma.secretVersion.count({ where: { credentialId } })).toBe(1);

  fs.writeFileSync(file, good);
  await resumeRotation(actor, { rotationId });
  expect(await advanceUntil(rotationId, (row) => row.outcome !== null)).toMatchObject({
    outcome: 'completed',
  });
  await currentWorks('survey-importer');
});

test('an issuer without a free slot is told by the names of the secrets it holds', async () => {
  const answer = await fetch(`${sample.places.surfacescout}/admin/clients/fleet-api/secrets`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sample.places.adminToken}`, 'content-type': 'application/json' },
    body: '{}',
  });
  const { id } = (await answer.json()) as { id: string };
  const credentialId = await sample.credentialId('fleet-api');
  const { rotationId } = await requestRotation(actor, { credentialId });
  const held = await advanceThroughRetries(rotationId);
  expect(held).toMatchObject({ phase: 'preflight', hold: 'slot_full' });
  expect(held.holdDetail).toContain(id);
  await fetch(`${sample.places.surfacescout}/admin/clients/fleet-api/secrets/${id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${sample.places.adminToken}` },
  });
  await resumeRotation(actor, { rotationId });
  await sample.fault({ clientId: 'fleet-api', on: 'token', kind: 'html', times: 1000 });
  const refused = await advanceThroughRetries(rotationId);
  expect(refused).toMatchObject({ phase: 'verify' });
  expect(refused.holdDetail).toMatch(/answered HTML/i);
  await fetch(`${sample.places.surfacescout}/admin/faults`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${sample.places.adminToken}` },
  });
  await currentWorks('fleet-api');

  await sample.closeReceiver();
  await resumeRotation(actor, { rotationId });
  const undelivered = await advanceThroughRetries(rotationId);
  expect(undelivered).toMatchObject({ phase: 'deliver', hold: 'delivery_exhausted' });
  expect(undelivered.holdDetail).toMatch(/Webhook receiver \(sample\)/);
  const states = await db().prisma.secretVersion.findMany({ where: { credentialId }, orderBy: { n: 'asc' } });
  expect(states.map((version) => version.state)).toEqual(['current', 'pending']);
});

test('an issuer that fails again and again is called unhealthy once, and a probe lets its rotations go on', async () => {
  const credentialId = await sample.credentialId('survey-importer');
  const client = await importClient(sample, 'two-slots');
  const count = (action: string) => db().prisma.auditEvent.count({ where: { action } });
  const [before, recovered] = [await count('issuer.marked_unhealthy'), await count('issuer.recovered')];
  await sample.fault({ clientId: 'survey-importer', on: 'check', kind: 'status', status: 503, times: 5 });
  const { rotationId } = await requestRotation(actor, { credentialId });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ hold: 'issuer_unhealthy' });
  const other = await requestRotation(actor, { credentialId: client.credentialId });
  expect(await advanceThroughRetries(other.rotationId)).toMatchObject({ hold: 'issuer_unhealthy' });
  expect((await count('issuer.marked_unhealthy')) - before).toBe(1);
  await moveTime(process.env.DATABASE_URL ?? '', '1 minute');
  await probeUnhealthyIssuers();
  expect((await count('issuer.recovered')) - recovered).toBe(1);
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
});

/** Two rotations that are held for their issuer's health: one whose `check` fails `times` times, and another. */
async function twoHeld(times: number) {
  const client = await importClient(sample, 'two-slots');
  const credentialId = await sample.credentialId('survey-importer');
  await sample.fault({ clientId: 'survey-importer', on: 'check', kind: 'status', status: 503, times });
  const held = { hold: 'issuer_unhealthy' };
  const { rotationId: first } = await requestRotation(actor, { credentialId });
  expect(await advanceThroughRetries(first)).toMatchObject(held);
  const { rotationId: second } = await requestRotation(actor, {
    credentialId: client.credentialId,
    graceSeconds: 0,
  });
  expect(await advanceThroughRetries(second)).toMatchObject(held);
  return { first, second };
}

const holdOf = async (id: string) => (await db().prisma.rotation.findUniqueOrThrow({ where: { id } })).hold;
const recoveries = () => db().prisma.auditEvent.count({ where: { action: 'issuer.recovered' } });

test('whoever resumes one rotation of an unhealthy issuer strands no other: they go on once it is answered', async () => {
  const { first, second } = await twoHeld(5);
  const before = await recoveries();
  await resumeRotation(actor, { rotationId: first });
  expect(await advanceThroughRetries(first)).toMatchObject({ outcome: 'completed' });
  await probeUnhealthyIssuers();
  expect((await recoveries()) - before).toBe(1);
  expect(await advanceThroughRetries(second)).toMatchObject({ outcome: 'completed' });
});

test('a client that was deleted at an issuer does not keep the issuer from being well again', async () => {
  const client = await importClient(sample, 'two-slots');
  const oldest = await db().prisma.credential.findFirstOrThrow({
    where: { issuer: { kind: 'surfacescout' }, archivedAt: null },
    orderBy: { createdAt: 'asc' },
  });
  const gone = { clientId: oldest.name, on: 'check', kind: 'status', status: 404, times: 1000 } as const;
  await sample.fault(gone);
  await sample.fault({ clientId: 'two-slots', on: 'check', kind: 'status', status: 503, times: 5 });
  const { rotationId } = await requestRotation(actor, { credentialId: client.credentialId, graceSeconds: 0 });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ hold: 'issuer_unhealthy' });
  await moveTime(process.env.DATABASE_URL ?? '', '1 minute');
  await probeUnhealthyIssuers();
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });

  await db().pool.query(`update issuers set health = 'unhealthy', probe_at = null where id = $1`, [
    oldest.issuerId,
  ]);
  await probeUnhealthyIssuers();
  expect(await db().prisma.issuer.findUniqueOrThrow({ where: { id: oldest.issuerId } })).toMatchObject({
    health: 'healthy',
  });
});

test('an issuer that was given another chance and fails on is told of no more than once, and holds again', async () => {
  const marked = () => db().prisma.auditEvent.count({ where: { action: 'issuer.marked_unhealthy' } });
  const { first, second } = await twoHeld(100);
  const before = await marked();
  await resumeRotation(actor, { rotationId: first });
  expect(await advanceThroughRetries(first)).toMatchObject({ hold: 'issuer_unhealthy' });
  expect(await holdOf(second)).toBe('issuer_unhealthy');
  expect(await marked()).toBe(before);
});

test('a rotation that was held for an issuer’s health after the issuer was well again goes on with the next sweep', async () => {
  const { first, second } = await twoHeld(5);
  const { issuerId } = await db().prisma.credential.findFirstOrThrow({ where: { name: 'survey-importer' } });
  expect(await checkIssuer(actor, { issuerId })).toMatchObject({ ok: true });
  expect(await Promise.all([first, second].map(holdOf))).toEqual([null, null]);
  // As a worker stores it that had read the issuer's health before.
  await db().pool.query(`update rotations set hold = 'issuer_unhealthy' where id = $1`, [second]);
  await probeUnhealthyIssuers();
  expect(await advanceThroughRetries(second)).toMatchObject({ outcome: 'completed' });
});
