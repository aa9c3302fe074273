import { afterAll, beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { readOverview } from '#core/credentials/read-overview.ts';
import { searchCredentials } from '#core/credentials/search-credentials.ts';
import { advance } from '#core/rotation/advance.ts';
import { holdRotation } from '#core/rotation/hold-rotation.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { resumeRotation } from '#core/rotation/resume-rotation.ts';
import { db } from '#lib/db.ts';
import { addCredential, addIssuer } from '#tests/support/listed-world.ts';
import { advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';

const actor = system('test');

let sample: Sample;

beforeAll(async () => {
  sample = await startSample();
});
afterAll(() => sample.close());

const rotated = async () => (await readOverview(actor, {})).system.has.rotated;

test('the first rotation counts as done once its new secret is in use, also while the old one still works', async () => {
  expect(await rotated()).toBe(false);
  const credentialId = await sample.credentialId('fleet-api');
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 3600 });
  expect(await rotated()).toBe(false);
  expect(await advanceUntil(rotationId, ({ phase }) => phase === 'overlap')).toMatchObject({ outcome: null });
  expect(await rotated()).toBe(true);
});

const retrying = async () =>
  (await readOverview(actor, {})).attention.filter(({ kind }) => kind === 'retrying');

test('a rotation whose step failed and is tried again waits for attention until the step succeeds', async () => {
  const credentialId = await sample.credentialId('report-builder');
  await sample.fault({ clientId: 'report-builder', on: 'check', kind: 'status', status: 503, times: 100 });
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 0 });
  await advance(rotationId, () => {});
  expect(await retrying()).toMatchObject([
    {
      id: rotationId,
      credentialId,
      name: 'report-builder',
      hold: null,
      detail: expect.stringContaining('503'),
    },
  ]);
  // Once it is resumed, what failed before is no failure of now.
  await holdRotation(actor, { rotationId });
  await resumeRotation(actor, { rotationId });
  expect(await retrying()).toEqual([]);
  await sample.clearFaults();
  await db().pool.query('update rotations set next_attempt_at = rekey_now() where id = $1', [rotationId]);
  await advanceUntil(rotationId, ({ phase }) => phase !== 'preflight');
  expect(await retrying()).toEqual([]);
});

test('of more that wait than are shown all are counted, and the list that the overview leads to has them', async () => {
  const issuerId = await addIssuer('ending');
  for (let n = 0; n < 9; n += 1) {
    await addCredential({ name: `ending ${n}`, issuerId, environment: 'ending', expiresInDays: 3 + n });
  }
  await addCredential({ name: 'lasting', issuerId, environment: 'ending', expiresInDays: 300 });
  const environment = 'ending';
  const { attention, attentionTotals } = await readOverview(actor, { environment });
  const names = attention.filter(({ kind }) => kind === 'expiring').map(({ name }) => name);
  expect(names).toEqual(Array.from({ length: 8 }, (_, n) => `ending ${n}`));
  expect(attentionTotals).toEqual({ expiring: 9 });
  const listed = await searchCredentials(actor, { environment, state: 'expiring' });
  expect(listed.items.map(({ name }) => name)).toEqual([...names, 'ending 8']);
});
