import { afterAll, beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { readOverview } from '#core/credentials/read-overview.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
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
