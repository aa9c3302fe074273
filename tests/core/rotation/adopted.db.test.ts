import { afterAll, beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { db } from '#lib/db.ts';
import { advanceThroughRetries, advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
const actor = system('test');

beforeAll(async () => {
  sample = await startSample();
  await db().pool.query(`update bindings set needs = 'adopted' where consumer_url is not null`);
});
afterAll(() => sample.close());

test('a binding that needs "adopted" is confirmed when its consumer says that it uses the new version', async () => {
  const credentialId = await sample.credentialId('survey-importer');
  const { rotationId } = await requestRotation(actor, { credentialId });
  expect(await advanceUntil(rotationId, (row) => row.outcome !== null)).toMatchObject({
    outcome: 'completed',
  });
  const current = await db().prisma.secretVersion.findFirstOrThrow({
    where: { credentialId, state: 'current' },
  });
  expect(await db().prisma.delivery.findMany({ where: { versionId: current.id } })).toMatchObject([
    { level: 'adopted' },
  ]);
});

test('while the consumer does not say so, the old secret is neither replaced as current nor retired', async () => {
  await sample.consumers['fleet-api'].close();
  const old = sample.secretInFile('fleet-api');
  const credentialId = await sample.credentialId('fleet-api');
  const { rotationId } = await requestRotation(actor, { credentialId });
  const held = await advanceThroughRetries(rotationId);
  expect(held).toMatchObject({ phase: 'confirm', hold: 'confirmation_pending' });
  expect(held.holdDetail).toContain('"read_back"');
  expect(await sample.askToken('fleet-api', old)).toMatchObject({ status: 200 });
  const states = await db().prisma.secretVersion.findMany({ where: { credentialId }, orderBy: { n: 'asc' } });
  expect(states.map((version) => version.state)).toEqual(['current', 'pending']);
});
