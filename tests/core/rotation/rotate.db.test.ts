import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { issuerConnector } from '#connectors/registry.ts';
import { system } from '#core/access/actor.ts';
import { readRotation } from '#core/rotation/read-rotation.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { submitSecret } from '#core/rotation/submit-secret.ts';
import { db } from '#lib/db.ts';
import { moveTime } from '#tests/support/database.ts';
import { advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
const actor = system('test');

beforeAll(async () => {
  sample = await startSample();
});
afterAll(() => sample.close());

const ended = (row: { outcome: string | null; hold: string | null }) =>
  row.outcome !== null || row.hold !== null;

async function states(credentialId: string): Promise<string[]> {
  const versions = await db().prisma.secretVersion.findMany({
    where: { credentialId },
    orderBy: { n: 'asc' },
  });
  return versions.map((version) => `v${version.n} ${version.state}`);
}

test('an overlap rotation lets the application run on: no failed request, and the old secret works until the overlap ends', async () => {
  const credentialId = await sample.credentialId('fleet-api');
  const consumer = sample.consumers['fleet-api'];
  await expect.poll(() => consumer.state().requests).toBeGreaterThan(3);
  const failuresBefore = consumer.state().failures;
  const old = sample.secretInFile('fleet-api');

  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 3600 });
  await advanceUntil(rotationId, (row) => row.phase === 'overlap');

  const fresh = sample.secretInFile('fleet-api');
  expect(fresh).not.toBe(old);
  expect(await sample.askToken('fleet-api', old)).toMatchObject({ status: 200 });
  expect(await sample.askToken('fleet-api', fresh)).toMatchObject({ status: 200 });
  expect(sample.received?.entries.clientSecret).toBe(fresh);
  expect(await states(credentialId)).toEqual(['v1 previous', 'v2 current']);

  await moveTime(process.env.DATABASE_URL ?? '', '59 minutes');
  await advanceUntil(rotationId, (row) => row.phase === 'overlap');
  expect(await sample.askToken('fleet-api', old)).toMatchObject({ status: 200 });

  await moveTime(process.env.DATABASE_URL ?? '', '2 minutes');
  const row = await advanceUntil(rotationId, ended);
  expect(row).toMatchObject({ outcome: 'completed' });
  expect(await sample.askToken('fleet-api', old)).toEqual({ status: 401, error: 'invalid_client' });
  expect(await sample.askToken('fleet-api', fresh)).toMatchObject({ status: 200 });
  expect(await states(credentialId)).toEqual(['v1 revoked', 'v2 current']);
  expect(consumer.state().failures - failuresBefore).toBe(0);
});

test('a cut-over measures its gap from the replacement to the last required confirmation', async () => {
  const credentialId = await sample.credentialId('survey-importer');
  const old = sample.secretInFile('survey-importer');
  const { rotationId } = await requestRotation(actor, { credentialId });
  const row = await advanceUntil(rotationId, ended);
  expect(row).toMatchObject({ outcome: 'completed' });
  expect(await sample.askToken('survey-importer', old)).toEqual({ status: 401, error: 'invalid_client' });
  expect(await sample.askToken('survey-importer', sample.secretInFile('survey-importer'))).toMatchObject({
    status: 200,
  });
  const view = await readRotation(actor, { rotationId });
  expect(view.gapSeconds).not.toBeNull();
  expect(await states(credentialId)).toEqual(['v1 revoked', 'v2 current']);
});

test('the same request while a rotation is open answers the open one; another one is refused and names it', async () => {
  const credentialId = await sample.credentialId('fleet-api');
  const wish = { credentialId, graceSeconds: 60 };
  const answers = await Promise.all(Array.from({ length: 20 }, () => requestRotation(actor, wish)));
  expect(new Set(answers.map((answer) => answer.rotationId)).size).toBe(1);
  expect(answers.filter((answer) => !answer.existing)).toHaveLength(1);
  await expect(requestRotation(actor, { credentialId, graceSeconds: 61 })).rejects.toMatchObject({
    status: 409,
    extra: { rotationId: answers[0]?.rotationId },
  });
});

test('an assisted rotation takes one right paste: the current secret and a wrong one are named as such', async () => {
  const credentialId = await sample.credentialId('partner-portal');
  const { rotationId } = await requestRotation(actor, { credentialId });
  await advanceUntil(rotationId, (row) => row.phase === 'await_secret');
  const old = sample.secretInFile('partner-portal');
  await expect(submitSecret(actor, { rotationId, secret: old })).rejects.toMatchObject({
    code: 'same_secret',
  });
  await expect(submitSecret(actor, { rotationId, secret: 'not-the-secret' })).rejects.toMatchObject({
    code: 'secret_refused',
  });
  expect(await states(credentialId)).toEqual(['v1 current']);
});

test('wrong pastes never come near the lock-out of the vendor, and the right one is taken once it may be tried again', async () => {
  const credentialId = await sample.credentialId('partner-portal');
  await moveTime(process.env.DATABASE_URL ?? '', '16 minutes');
  const { rotationId } = await requestRotation(actor, { credentialId });
  const vendor = vi.spyOn(issuerConnector('assisted'), 'verify');
  const fresh = await sample.rotateOnVendorsPage('partner-portal');
  await advanceUntil(rotationId, (row) => row.phase === 'await_secret');
  await moveTime(process.env.DATABASE_URL ?? '', '6 seconds');
  await advanceUntil(rotationId, () => true);
  const { gapStartedAt } = await readRotation(actor, { rotationId });
  expect(gapStartedAt).not.toBeNull();
  const paste = (secret: string) => submitSecret(actor, { rotationId, secret });
  const wrong = () => paste('not-the-secret').catch(({ code }: { code: string }) => code);
  expect([await wrong(), await wrong(), await wrong(), await wrong()]).toEqual([
    'secret_refused',
    'secret_refused',
    'too_many_tries',
    'too_many_tries',
  ]);
  const verdicts = await Promise.all(vendor.mock.results.map(({ value }) => value));
  // The old secret once, and one less than the vendor tolerates.
  expect(verdicts.filter((verdict) => verdict === 'rejected')).toHaveLength(3);
  await expect(paste(fresh)).rejects.toMatchObject({
    status: 429,
    extra: { retryAfter: expect.any(String) },
  });
  await moveTime(process.env.DATABASE_URL ?? '', '16 minutes');
  expect(await paste(fresh)).toEqual({ version: 2 });
  expect((await advanceUntil(rotationId, ended)).outcome).toBe('completed');
});

test('an issuer that cannot be asked leaves everything as it is and holds the rotation with a sentence', async () => {
  const credentialId = await sample.credentialId('survey-importer');
  const before = sample.secretInFile('survey-importer');
  await sample.fault({ clientId: 'survey-importer', on: 'check', kind: 'html', times: 20 });
  const { rotationId } = await requestRotation(actor, { credentialId });
  const row = await advanceUntil(rotationId, ended);
  expect(row.hold).toBe('issuer_failed');
  expect(row.holdDetail).toMatch(/SurfaceScout \(sample\): .*/);
  expect(sample.secretInFile('survey-importer')).toBe(before);
  expect(await sample.askToken('survey-importer', before)).toMatchObject({ status: 200 });
});
