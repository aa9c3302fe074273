import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { targetConnector } from '#connectors/registry.ts';
import { system } from '#core/access/actor.ts';
import { advance } from '#core/rotation/advance.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { db } from '#lib/db.ts';
import { importClient } from '#tests/support/client.ts';
import { moveTime } from '#tests/support/database.ts';
import { advanceThroughRetries, type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
const actor = system('test');
const nothing = () => {};

beforeAll(async () => {
  sample = await startSample();
});
afterAll(() => sample.close());
afterEach(() => {
  vi.restoreAllMocks();
});

const stepsOf = (rotationId: string) => db().prisma.rotationStep.count({ where: { rotationId } });

test('a delivery that was under way when a breach ended its rotation does not come after the new secret', async () => {
  const { credentialId, files, valueIn, accepts } = await importClient(sample, 'two-slots');
  const connector = targetConnector('dotenv');
  const deliver = connector.deliver.bind(connector);
  let arrived = nothing;
  let release = nothing;
  const isThere = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const mayGoOn = new Promise<void>((resolve) => {
    release = resolve;
  });
  vi.spyOn(connector, 'deliver').mockImplementationOnce(async (...args) => {
    arrived();
    await mayGoOn;
    return deliver(...args);
  });
  const ended = await requestRotation(actor, { credentialId, graceSeconds: 3600 });
  const working = advance(ended.rotationId, nothing);
  await isThere;
  const breach = await requestRotation(actor, { credentialId, priority: 'breach' });
  await advance(breach.rotationId, nothing);
  expect(await stepsOf(breach.rotationId)).toBe(0);
  release();
  await working;
  await moveTime(process.env.DATABASE_URL ?? '', '11 seconds');
  expect(await advanceThroughRetries(breach.rotationId)).toMatchObject({ outcome: 'completed' });
  expect(await accepts(valueIn(files[0]))).toBe(true);
});

test('a breach that finds nobody at work begins at once', async () => {
  const { credentialId } = await importClient(sample, 'single-listed');
  await requestRotation(actor, { credentialId });
  const { rotationId } = await requestRotation(actor, { credentialId, priority: 'breach' });
  await advance(rotationId, nothing);
  expect(await stepsOf(rotationId)).toBeGreaterThan(0);
});
