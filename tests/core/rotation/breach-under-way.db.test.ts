import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { targetConnector } from '#connectors/registry.ts';
import { system } from '#core/access/actor.ts';
import { advance } from '#core/rotation/advance.ts';
import { confirmBinding } from '#core/rotation/confirm-binding.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { retryRotation } from '#core/rotation/retry-rotation.ts';
import { tryNow } from '#core/rotation/try-now.ts';
import { db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { Problem } from '#lib/problem.ts';
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

const later = (interval: string) => moveTime(process.env.DATABASE_URL ?? '', interval);
const stepsOf = (rotationId: string) => db().prisma.rotationStep.count({ where: { rotationId } });

function gate() {
  let open = nothing;
  const isOpen = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { isOpen, open };
}

/** A rotation whose worker is in the middle of its first delivery to an env file, until `goOn`. */
async function delivering() {
  const client = await importClient(sample, 'two-slots');
  const connector = targetConnector('dotenv');
  const deliver = connector.deliver.bind(connector);
  const arrived = gate();
  const released = gate();
  vi.spyOn(connector, 'deliver').mockImplementationOnce(async (...args) => {
    arrived.open();
    await released.isOpen;
    return deliver(...args);
  });
  const { credentialId } = client;
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 3600 });
  const working = advance(rotationId, nothing);
  await arrived.isOpen;
  const goOn = () => {
    released.open();
    return working;
  };
  return { ...client, rotationId, goOn };
}

const breachOf = async (credentialId: string) =>
  (await requestRotation(actor, { credentialId, priority: 'breach' })).rotationId;

/** Leaves the vendor with one secret, so that the next test can have another. */
async function finish(credentialId: string) {
  expect(await advanceThroughRetries(await breachOf(credentialId))).toMatchObject({ outcome: 'completed' });
}

/** It begins nothing while the old delivery may arrive, and its own is what the target holds in the end. */
async function waitsFor(
  { goOn, accepts, valueIn, files }: Awaited<ReturnType<typeof delivering>>,
  breach: string,
) {
  await advance(breach, nothing);
  expect(await stepsOf(breach)).toBe(0);
  await goOn();
  await later('11 seconds');
  expect(await advanceThroughRetries(breach)).toMatchObject({ outcome: 'completed' });
  expect(await accepts(valueIn(files[0]))).toBe(true);
}

test('a delivery that was under way when a breach ended its rotation does not come after the new secret', async () => {
  const old = await delivering();
  await waitsFor(old, await breachOf(old.credentialId));
});

test('a second breach waits for the delivery that the first one waited for', async () => {
  const old = await delivering();
  await breachOf(old.credentialId);
  await later('3 seconds');
  await waitsFor(old, await breachOf(old.credentialId));
});

test('a breach after a person’s action waits for the delivery that the action interrupted', async () => {
  const old = await delivering();
  await retryRotation(actor, { rotationId: old.rotationId });
  await later('3 seconds');
  await waitsFor(old, await breachOf(old.credentialId));
});

test('a second action waits as well, and trying now is no way around it', async () => {
  const old = await delivering();
  const { rotationId } = old;
  await retryRotation(actor, { rotationId });
  await later('3 seconds');
  await retryRotation(actor, { rotationId });
  const before = await stepsOf(rotationId);
  await later('8 seconds');
  await expect(tryNow(actor, { rotationId })).rejects.toMatchObject({ status: 409 });
  await advance(rotationId, nothing);
  expect(await stepsOf(rotationId)).toBe(before);
  await old.goOn();
  await later('3 seconds');
  await advance(rotationId, nothing);
  expect(await stepsOf(rotationId)).toBeGreaterThan(before);
  await finish(old.credentialId);
});

test.each<[string, (rotationId: string) => Promise<unknown>]>([
  [
    'to deliver again to a target that the rotation does not have',
    (rotationId) => retryRotation(actor, { rotationId, bindingId: newId() }),
  ],
  [
    'to vouch for a target that is not waited for',
    (rotationId) => confirmBinding(actor, { rotationId, bindingId: newId(), reason: 'seen there' }),
  ],
])('a worker at work is not replaced by a request that is refused: %s', async (_what, ask) => {
  const { credentialId, rotationId, goOn } = await delivering();
  const row = () => db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId } });
  const { fence } = await row();
  await expect(ask(rotationId)).rejects.toBeInstanceOf(Problem);
  expect(await row()).toMatchObject({ fence, phase: 'deliver' });
  await goOn();
  expect(await row()).toMatchObject({ fence, phase: 'overlap', hold: null });
  await finish(credentialId);
});

test('a breach that finds nobody at work begins at once', async () => {
  const { credentialId } = await importClient(sample, 'single-listed');
  await requestRotation(actor, { credentialId });
  const { rotationId } = await requestRotation(actor, { credentialId, priority: 'breach' });
  await advance(rotationId, nothing);
  expect(await stepsOf(rotationId)).toBeGreaterThan(0);
});
