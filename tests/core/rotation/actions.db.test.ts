import fs from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Actor, system } from '#core/access/actor.ts';
import { breakGlass } from '#core/rotation/break-glass.ts';
import { cancelRotation } from '#core/rotation/cancel-rotation.ts';
import { confirmBinding } from '#core/rotation/confirm-binding.ts';
import { extendOverlap } from '#core/rotation/extend-overlap.ts';
import { holdRotation } from '#core/rotation/hold-rotation.ts';
import { readRotation } from '#core/rotation/read-rotation.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { resumeRotation } from '#core/rotation/resume-rotation.ts';
import { retryRotation } from '#core/rotation/retry-rotation.ts';
import { revokeNow } from '#core/rotation/revoke-now.ts';
import { rollBackRotation } from '#core/rotation/roll-back-rotation.ts';
import { databaseTime } from '#lib/clock.ts';
import { db } from '#lib/db.ts';
import { type Client, importClient } from '#tests/support/client.ts';
import { holdAt } from '#tests/support/hold-at.ts';
import { advanceThroughRetries, advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
let client: Client;
const actor = system('test');

beforeAll(async () => {
  sample = await startSample();
});
afterAll(() => sample.close());
afterEach(async () => {
  await db().pool.query(`update rotations set outcome = 'cancelled' where outcome is null`);
  await sample.clearFaults();
});

const day = 86_400;
const start = (graceSeconds = day) =>
  requestRotation(actor, { credentialId: client.credentialId, graceSeconds });
const rowOf = (rotationId: string) => db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId } });
const readRotationOf = (rotationId: string) =>
  db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId }, include: { credential: true } });
const eventsOf = async (rotationId: string) =>
  (await db().prisma.auditEvent.findMany({ where: { rotationId }, orderBy: { id: 'asc' } })).map(
    ({ action, body }) => ({ action, body: JSON.parse(body) as Record<string, unknown> }),
  );

/** A folder in the place of the file: nothing can be delivered there. */
async function whileUnwritable<T>(file: string | undefined, work: () => Promise<T>): Promise<T> {
  const there = file ?? '';
  fs.renameSync(there, `${there}.kept`);
  fs.mkdirSync(there);
  try {
    return await work();
  } finally {
    fs.rmdirSync(there);
    fs.renameSync(`${there}.kept`, there);
  }
}

test('a rotation that has changed nothing is cancelled at once; one that has is not, and says what to do instead', async () => {
  client = await importClient(sample, 'two-slots', { files: 2 });
  await sample.fault({ clientId: 'two-slots', on: 'check', kind: 'status', status: 503 });
  const first = await start();
  await advanceUntil(first.rotationId, () => true);
  await cancelRotation(actor, { rotationId: first.rotationId, reason: 'not today' });
  expect(await rowOf(first.rotationId)).toMatchObject({ outcome: 'cancelled', hold: null });
  expect(await client.live()).toHaveLength(1);
  expect((await eventsOf(first.rotationId)).at(-1)).toMatchObject({
    action: 'rotation.cancelled',
    body: { reason: 'not today' },
  });
  const second = await start();
  await advanceUntil(second.rotationId, (row) => row.phase === 'overlap');
  const { steps } = await readRotation(actor, { rotationId: second.rotationId });
  // What was asked and stored at once has no time of its own; what was stored before it was done has one.
  expect(steps.find(({ phase }) => phase === 'verify')).toMatchObject({ result: 'ok', seconds: null });
  expect(steps.find(({ phase }) => phase === 'issue')?.seconds).toBeGreaterThan(0);
  await expect(cancelRotation(actor, { rotationId: second.rotationId })).rejects.toThrow(/roll it back/);
  await rollBackRotation(actor, { rotationId: second.rotationId });
  expect(await advanceThroughRetries(second.rotationId)).toMatchObject({ outcome: 'rolled_back' });
});

test('a hold stops the worker before its next effect, what was done is stored, and resuming goes on from there', async () => {
  const { rotationId } = await start(0);
  await holdAt(rotationId, 'verify');
  await advanceUntil(rotationId, (row) => row.hold !== null);
  expect(await rowOf(rotationId)).toMatchObject({ phase: 'verify', hold: 'manual_hold' });
  expect((await rowOf(rotationId)).toVersion).not.toBeNull();
  const before = await client.live();
  await advanceUntil(rotationId, () => true);
  expect(await client.live()).toEqual(before);
  await expect(holdRotation(actor, { rotationId })).rejects.toThrow(/held already/);
  await resumeRotation(actor, { rotationId });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
});

test('an overlap is extended to a later end only, and ended when a person says so', async () => {
  const { rotationId } = await start();
  await advanceUntil(rotationId, (row) => row.phase === 'overlap');
  const { overlapEndsAt } = await rowOf(rotationId);
  await expect(extendOverlap(actor, { rotationId, end: { seconds: 60 } })).rejects.toThrow(/lasts until/);
  await extendOverlap(actor, { rotationId, end: { seconds: 2 * day } });
  const later = (await rowOf(rotationId)).overlapEndsAt;
  expect(Number(later)).toBeGreaterThan(Number(overlapEndsAt));
  const until = new Date(Number(later) + day * 1000).toISOString();
  await extendOverlap(actor, { rotationId, end: { until } });
  expect((await rowOf(rotationId)).overlapEndsAt?.toISOString()).toBe(until);
  const tooFar = new Date(Number(later) + 365 * day * 1000).toISOString();
  await expect(extendOverlap(actor, { rotationId, end: { until: tooFar } })).rejects.toThrow(
    /at most 90 days/,
  );
  await revokeNow(actor, { rotationId });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
  expect((await eventsOf(rotationId)).map(({ action }) => action)).toEqual(
    expect.arrayContaining(['rotation.extended', 'rotation.hastened', 'secret.revoked']),
  );
});

test('one target that cannot be written keeps the old secret alive and is named, while the others are delivered to', async () => {
  const { rotationId } = await start();
  await holdAt(rotationId, 'verify');
  await advanceUntil(rotationId, (row) => row.hold !== null);
  await resumeRotation(actor, { rotationId });
  await whileUnwritable(client.files[1], async () => {
    const held = await advanceThroughRetries(rotationId);
    expect(held).toMatchObject({ phase: 'deliver', hold: 'delivery_exhausted' });
    expect(held.holdDetail).toMatch(/Env file \(sample\)/);
    expect(await client.live()).toHaveLength(2);
    await expect(revokeNow(actor, { rotationId })).rejects.toThrow(/Not every required target/);
    const view = await readRotation(actor, { rotationId });
    expect(view.targets.map(({ level }) => level)).toEqual(['accepted', null]);
    expect(view.actions.filter(({ refusal }) => refusal === null).map(({ action }) => action)).toEqual(
      expect.arrayContaining(['resume', 'retry', 'confirm', 'roll_back']),
    );
  });
  await retryRotation(actor, { rotationId });
  expect(await advanceUntil(rotationId, (row) => row.phase === 'overlap')).toMatchObject({ hold: null });
  expect(client.valueIn(client.files[0])).toBe(client.valueIn(client.files[1]));
  await revokeNow(actor, { rotationId });
  await advanceThroughRetries(rotationId);
});

test('a rotation is read as waiting for a worker until one takes it, and again once it is resumed; what failed before counts no more', async () => {
  const { rotationId } = await start();
  const read = () => readRotation(actor, { rotationId });
  expect(await read()).toMatchObject({ awaitsWorker: true, steps: [] });
  await holdAt(rotationId, 'verify');
  await advanceUntil(rotationId, (row) => row.hold !== null);
  await resumeRotation(actor, { rotationId });
  await whileUnwritable(client.files[0], async () => {
    await advanceThroughRetries(rotationId);
    const failures = (await read()).steps.filter(({ error }) => error !== null);
    expect(failures).toMatchObject([{ attempt: 1, counts: true }]);
    expect(await read()).toMatchObject({ awaitsWorker: false });
    await resumeRotation(actor, { rotationId });
    expect(await read()).toMatchObject({ awaitsWorker: true });
    expect((await read()).steps.filter(({ error, counts }) => error !== null && counts)).toEqual([]);
    await advanceUntil(rotationId, () => true);
    const now = await read();
    expect(now.awaitsWorker).toBe(false);
    expect(now.steps.filter(({ error, counts }) => error !== null && counts)).toMatchObject([{ attempt: 1 }]);
  });
  await rollBackRotation(actor, { rotationId });
  await advanceThroughRetries(rotationId);
});

test('one target is delivered to again by itself, and what the others have reached stays', async () => {
  const { rotationId } = await start();
  await holdAt(rotationId, 'verify');
  await advanceUntil(rotationId, (row) => row.hold !== null);
  await resumeRotation(actor, { rotationId });
  await whileUnwritable(client.files[1], () => advanceThroughRetries(rotationId));
  const [first = '', second = ''] = (await readRotation(actor, { rotationId })).targets.map(
    ({ bindingId }) => bindingId,
  );
  const stranger = '0199aaaa-0000-7000-8000-000000000009';
  await expect(retryRotation(actor, { rotationId, bindingId: stranger })).rejects.toThrow(/binding/);
  await retryRotation(actor, { rotationId, bindingId: second });
  expect(await advanceUntil(rotationId, (row) => row.phase === 'overlap')).toMatchObject({ hold: null });
  expect(client.valueIn(client.files[0])).toBe(client.valueIn(client.files[1]));
  const delivered = await db().prisma.rotationStep.findMany({ where: { rotationId, phase: 'deliver' } });
  expect(delivered.filter(({ bindingId }) => bindingId === first)).toHaveLength(1);
  expect(await eventsOf(rotationId)).toContainEqual(
    expect.objectContaining({
      action: 'rotation.resumed',
      body: expect.objectContaining({ target: 'Env file (sample)' }),
    }),
  );
  await revokeNow(actor, { rotationId });
  await advanceThroughRetries(rotationId);
});

test('a rotation is rolled back while some targets have the new secret and one cannot be written', async () => {
  const old = client.valueIn(client.files[0]);
  const { rotationId } = await start();
  await holdAt(rotationId, 'verify');
  await advanceUntil(rotationId, (row) => row.hold !== null);
  await resumeRotation(actor, { rotationId });
  await whileUnwritable(client.files[1], async () => {
    await advanceThroughRetries(rotationId);
    expect(client.valueIn(client.files[0])).not.toBe(old);
    expect(await rowOf(rotationId)).toMatchObject({ phase: 'deliver', hold: 'delivery_exhausted' });
  });
  await rollBackRotation(actor, { rotationId });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'rolled_back' });
  expect(client.files.map((file) => client.valueIn(file))).toEqual([old, old]);
  expect(await client.live()).toHaveLength(1);
});

test('a person vouches for a target with a reason, and the audit says that the target was not asked', async () => {
  const { rotationId } = await start(0);
  await holdAt(rotationId, 'verify');
  await advanceUntil(rotationId, (row) => row.hold !== null);
  await resumeRotation(actor, { rotationId });
  const [, bindingId = ''] = (
    await db().prisma.binding.findMany({
      where: { credentialId: client.credentialId },
      orderBy: { createdAt: 'asc' },
    })
  ).map(({ id }) => id);
  await whileUnwritable(client.files[1], async () => {
    await advanceThroughRetries(rotationId);
    await expect(confirmBinding(actor, { rotationId, bindingId, reason: '' })).rejects.toThrow(/Say why/);
    await confirmBinding(actor, { rotationId, bindingId, reason: 'written by hand on the host' });
    expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
  });
  expect(await eventsOf(rotationId)).toContainEqual(
    expect.objectContaining({
      action: 'secret.confirmed',
      body: expect.objectContaining({ byHand: true, reason: 'written by hand on the host' }),
    }),
  );
  // What the person vouched for was not true: make it true for the tests that follow.
  const value = client.valueIn(client.files[0]) ?? '';
  fs.writeFileSync(client.files[1] ?? '', `SECRET=${value}\n`);
});

test('breaking the glass takes an operator or admin, a fresh sign-in and a reason, and revokes the old secret whatever the targets hold', async () => {
  const old = client.valueIn(client.files[0]);
  const { rotationId } = await start();
  await holdAt(rotationId, 'verify');
  await advanceUntil(rotationId, (row) => row.hold !== null);
  await resumeRotation(actor, { rotationId });
  const admin: Actor = { kind: 'user', id: 'a', name: 'Ada', role: 'admin', stepUpAt: new Date(0) };
  const { name } = (await readRotationOf(rotationId)).credential;
  const asking = { rotationId, reason: 'leak', name };
  await whileUnwritable(client.files[1], async () => {
    await advanceThroughRetries(rotationId);
    await expect(breakGlass({ ...admin, role: 'approver' }, asking)).rejects.toThrow(
      /role operator or admin/,
    );
    await expect(breakGlass(admin, asking)).rejects.toThrow(/password again/);
    await breakGlass({ ...admin, stepUpAt: await databaseTime() }, asking);
    expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
  });
  expect(await client.accepts(old)).toBe(false);
  expect(await eventsOf(rotationId)).toContainEqual(
    expect.objectContaining({
      action: 'rotation.hastened',
      body: expect.objectContaining({ breakGlass: true, reason: 'leak' }),
    }),
  );
});

test('a canary has the new secret confirmed before any other target is written', async () => {
  const canaries = await importClient(sample, 'two-slots', { files: 3, canary: true });
  const { rotationId } = await requestRotation(actor, {
    credentialId: canaries.credentialId,
    graceSeconds: 0,
  });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
  const told = (await eventsOf(rotationId))
    .filter(({ action }) => action === 'secret.delivered' || action === 'secret.confirmed')
    .map(({ action }) => action.split('.')[1]);
  expect(told).toEqual(['delivered', 'confirmed', 'delivered', 'delivered', 'confirmed', 'confirmed']);
});
