import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { ConnectorError } from '#connectors/contract.ts';
import { issuerConnector, targetConnector } from '#connectors/registry.ts';
import { system } from '#core/access/actor.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { advance } from '#core/rotation/advance.ts';
import { findDueRotations } from '#core/rotation/find-due-rotations.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { resumeRotation } from '#core/rotation/resume-rotation.ts';
import { rollBackRotation } from '#core/rotation/roll-back-rotation.ts';
import { submitSecret } from '#core/rotation/submit-secret.ts';
import { db } from '#lib/db.ts';
import { importClient } from '#tests/support/client.ts';
import { advanceThroughRetries, advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
const actor = system('test');

beforeAll(async () => {
  sample = await startSample();
});
afterAll(() => sample.close());
afterEach(async () => {
  await db().pool.query(`update rotations set outcome = 'cancelled' where outcome is null`);
  await sample.clearFaults();
});

const admin = () => ({ authorization: `Bearer ${sample.places.adminToken}` });

async function liveSecrets(clientId: string): Promise<{ id: string; tag: string | null }[]> {
  const answer = await fetch(`${sample.places.surfacescout}/admin/clients/${clientId}/secrets`, {
    headers: admin(),
  });
  return ((await answer.json()) as { secrets: { id: string; tag: string | null }[] }).secrets;
}

async function storedIds(credentialId: string): Promise<(string | null)[]> {
  const versions = await db().prisma.secretVersion.findMany({
    where: { credentialId, state: { in: ['current', 'previous'] } },
  });
  return versions.map((version) => version.externalId).toSorted();
}

test('a lost answer to issue leaves no secret behind that nobody knows: it is found by its tag and removed', async () => {
  const credentialId = await sample.credentialId('fleet-api');
  await sample.fault({ clientId: 'fleet-api', on: 'issue', kind: 'drop_after', times: 1 });
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 86_400 * 30 });
  await advanceUntil(rotationId, (row) => row.phase === 'overlap');
  expect((await liveSecrets('fleet-api')).map((secret) => secret.id).toSorted()).toEqual(
    await storedIds(credentialId),
  );
});

test('where the issuer holds one secret, a lost answer is mended by issuing again, also when secrets can be listed', async () => {
  const answer = await fetch(`${sample.places.surfacescout}/admin/clients/single-listed/first-secret`, {
    headers: admin(),
  });
  const { clientSecret, id: externalId } = (await answer.json()) as { clientSecret: string; id: string };
  const issuer = await db().prisma.issuer.findFirstOrThrow({ where: { kind: 'surfacescout' } });
  const { id: credentialId } = await importCredential(actor, {
    name: 'single-listed',
    issuerId: issuer.id,
    place: { clientId: 'single-listed', maxLive: 1, list: true },
    environment: 'test',
    fields: { clientId: 'single-listed', clientSecret },
    externalId,
  });
  await sample.fault({ clientId: 'single-listed', on: 'issue', kind: 'drop_after', times: 1 });
  const { rotationId } = await requestRotation(actor, { credentialId });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
  const [live, ...others] = await liveSecrets('single-listed');
  expect(others).toEqual([]);
  expect([live?.id]).toEqual(
    (await db().prisma.secretVersion.findMany({ where: { credentialId, state: 'current' } })).map(
      (one) => one.externalId,
    ),
  );
});

test('after a resume the attempts are counted anew, and an answer in between begins the count anew', async () => {
  const credentialId = await sample.credentialId('survey-importer');
  await sample.fault({ clientId: 'survey-importer', on: 'check', kind: 'status', status: 503, times: 9 });
  const { rotationId } = await requestRotation(actor, { credentialId });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ hold: 'issuer_unhealthy' });
  await resumeRotation(actor, { rotationId });
  // One failure is left: it must not hold the rotation again.
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
});

test('a right paste goes on with a rotation that was held while it waited', async () => {
  const credentialId = await sample.credentialId('partner-portal');
  const { rotationId } = await requestRotation(actor, { credentialId });
  await advanceUntil(rotationId, (row) => row.phase === 'await_secret');
  await db().pool.query(`update rotations set hold = 'issuer_unhealthy' where id = $1`, [rotationId]);
  const fresh = await sample.rotateOnVendorsPage('partner-portal');
  await submitSecret(actor, { rotationId, secret: fresh });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
  expect(sample.secretInFile('partner-portal')).toBe(fresh);
});

test('an error that nothing foresaw holds the rotation with a sentence, and resuming goes on once it is mended', async () => {
  const credentialId = await sample.credentialId('survey-importer');
  const { rotationId } = await requestRotation(actor, { credentialId });
  const { sealed } = await db().prisma.credential.findUniqueOrThrow({ where: { id: credentialId } });
  await db().pool.query(`update credentials set sealed = 'v1.lost.aa.bb' where id = $1`, [credentialId]);
  await expect(advance(rotationId, () => {})).rejects.toThrow();
  const held = await db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId } });
  expect(held).toMatchObject({ hold: 'unexpected_error', leaseUntil: null });
  expect(await db().prisma.auditEvent.count({ where: { rotationId, action: 'rotation.held' } })).toBe(1);
  await db().pool.query('update credentials set sealed = $2 where id = $1', [credentialId, sealed]);
  await resumeRotation(actor, { rotationId });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
});

test('a target that kept the new secret although its answers were lost is given the old one again on the way back', async () => {
  const { credentialId, files, ...client } = await importClient(sample, 'two-slots');
  const [file = ''] = files;
  const old = client.valueIn(file);
  const dotenv = targetConnector('dotenv');
  const { deliver } = dotenv;
  const losing = vi.spyOn(dotenv, 'deliver').mockImplementation(async (...given) => {
    await deliver(...given);
    throw new ConnectorError('The answer was lost.', 'later');
  });
  const { rotationId } = await requestRotation(actor, { credentialId });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ hold: 'delivery_exhausted' });
  expect(client.valueIn(file)).not.toBe(old);
  losing.mockRestore();
  await rollBackRotation(actor, { rotationId });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'rolled_back' });
  expect(client.valueIn(file)).toBe(old);
  expect(await client.accepts(client.valueIn(file))).toBe(true);
});

test('a worker that is told to stop ends after its step, and another one may go on at once', async () => {
  const { credentialId } = await importClient(sample, 'two-slots');
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 0 });
  let looked = 0;
  const isOver = () => {
    looked += 1;
    return looked > 2;
  };
  await advance(rotationId, () => {}, isOver);
  const rotation = await db().prisma.rotation.findUniqueOrThrow({
    where: { id: rotationId },
    include: { steps: true },
  });
  expect(rotation).toMatchObject({ phase: 'verify', outcome: null, hold: null, leaseUntil: null });
  expect(rotation.steps.map(({ phase, result }) => [phase, result])).toEqual([
    ['preflight', 'ok'],
    ['issue', 'ok'],
  ]);
  expect((await findDueRotations(10)).map((one) => one.rotationId)).toContain(rotationId);
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
});

test('a worker that is told to stop takes a rotation on that stands in a gap, until consumers have the new secret', async () => {
  const { credentialId, files, valueIn, accepts } = await importClient(sample, 'single-listed');
  const { rotationId } = await requestRotation(actor, { credentialId });
  const connector = issuerConnector('surfacescout');
  const issue = vi.spyOn(connector, 'issue');
  await advance(
    rotationId,
    () => {},
    () => issue.mock.calls.length > 0,
  );
  issue.mockRestore();
  expect(await accepts(valueIn(files[0]))).toBe(true);
  const rotation = await db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId } });
  expect(rotation).toMatchObject({ gapEndedAt: expect.any(Date), outcome: null, leaseUntil: null });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
});
