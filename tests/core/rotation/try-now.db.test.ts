import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Actor, system } from '#core/access/actor.ts';
import { advance } from '#core/rotation/advance.ts';
import { claim, requireFence } from '#core/rotation/commit-step.ts';
import { findDueRotations } from '#core/rotation/find-due-rotations.ts';
import { pauseEverything } from '#core/rotation/pause-everything.ts';
import { readRotation } from '#core/rotation/read-rotation.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { tryNow } from '#core/rotation/try-now.ts';
import { unpauseEverything } from '#core/rotation/unpause-everything.ts';
import { db } from '#lib/db.ts';
import { type Client, importClient } from '#tests/support/client.ts';
import { advanceThroughRetries, type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
let client: Client;
const actor = system('test');
const ada = { kind: 'user', id: 'a', name: 'Ada', stepUpAt: new Date(0) } as const;
const person: Actor = { ...ada, role: 'operator' };

beforeAll(async () => {
  sample = await startSample();
  client = await importClient(sample, 'two-slots', { files: 1 });
});
afterAll(() => sample.close());
afterEach(async () => {
  await unpauseEverything(actor, {}).catch(() => {});
  await db().pool.query(`update rotations set outcome = 'cancelled' where outcome is null`);
  // So many failures as these tests make would have the issuer called unhealthy.
  await db().pool.query(`update issuers set failures = 0, health = 'healthy'`);
  await sample.clearFaults();
});

const rowOf = (rotationId: string) => db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId } });
const isDue = async (rotationId: string) =>
  (await findDueRotations(10)).some((one) => one.rotationId === rotationId);
const told = (rotationId: string) =>
  db().prisma.auditEvent.findMany({ where: { rotationId, action: 'rotation.tried_now' } });
const attempts = (rotationId: string) => db().prisma.rotationStep.count({ where: { rotationId } });

/** What a reader is told against trying now; null where it is offered. */
const saidOf = async (rotationId: string) =>
  (await readRotation(person, { rotationId })).actions.find(({ action }) => action === 'try_now')?.refusal;

/** A rotation whose issuer has just answered that it cannot. Its next attempt is an hour away, whatever the dice say. */
async function failing(more: Record<string, unknown> = {}): Promise<string> {
  await sample.fault({ clientId: 'two-slots', on: 'check', kind: 'status', status: 503, ...more });
  const { rotationId } = await requestRotation(actor, { credentialId: client.credentialId, graceSeconds: 0 });
  await advance(rotationId, () => {});
  await db().pool.query(
    `update rotations set next_attempt_at = rekey_now() + interval '1 hour' where id = $1`,
    [rotationId],
  );
  return rotationId;
}

test('a rotation that waits for its next attempt makes it now, and the audit says who had it made and when it was due', async () => {
  const rotationId = await failing();
  const before = await rowOf(rotationId);
  expect(await isDue(rotationId)).toBe(false);
  await tryNow(person, { rotationId });
  expect(await isDue(rotationId)).toBe(true);
  // The time alone has moved: the attempts are counted on, and no fence was taken.
  const { nextAttemptAt, ...after } = await rowOf(rotationId);
  expect({ ...after, nextAttemptAt: before.nextAttemptAt }).toEqual(before);
  const [event, ...others] = await told(rotationId);
  expect(others).toEqual([]);
  expect(JSON.parse(event?.body ?? '')).toMatchObject({
    actor: { kind: 'user', name: 'Ada' },
    phase: 'preflight',
    due: before.nextAttemptAt?.toISOString(),
  });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
  expect(nextAttemptAt).not.toBeNull();
});

test('of several who have it tried at the same time one does, and no attempt is made twice', async () => {
  const rotationId = await failing({ times: 50 });
  const before = await attempts(rotationId);
  const tries = await Promise.allSettled(Array.from({ length: 8 }, () => tryNow(person, { rotationId })));
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  await advance(rotationId, () => {});
  expect(await attempts(rotationId)).toBe(before + 1);
  expect(await told(rotationId)).toHaveLength(1);
});

test('whoever works on the rotation keeps it: trying now takes neither the lease nor the fence', async () => {
  const rotationId = await failing({ times: 50 });
  await tryNow(person, { rotationId });
  const worker = await claim(rotationId);
  await expect(tryNow(person, { rotationId })).rejects.toThrow(
    /being tried at this moment.* Nothing was changed/,
  );
  await requireFence(worker ?? { rotationId, fence: '' });
  expect(await told(rotationId)).toHaveLength(1);
});

test('what the issuer said about how long to wait is kept, and a paused or held rotation is not tried', async () => {
  const asked = await failing({ status: 429, retryAfterSeconds: 40 });
  await expect(tryNow(person, { rotationId: asked })).rejects.toThrow(
    /Whoever was asked said how long to wait/,
  );
  await db().pool.query(`update rotations set outcome = 'cancelled' where outcome is null`);

  const paused = await failing();
  await pauseEverything(actor, { reason: 'a freeze' });
  await expect(tryNow(person, { rotationId: paused })).rejects.toThrow(/It is paused/);
  // Nor is it offered meanwhile.
  expect(await saidOf(paused)).toMatch(/^It is paused/);
  await unpauseEverything(actor, {});
  expect(await saidOf(paused)).toBeNull();
  await db().pool.query(`update rotations set hold = 'manual_hold' where id = $1`, [paused]);
  await expect(tryNow(person, { rotationId: paused })).rejects.toThrow(/It is held/);
  for (const rotationId of [asked, paused]) {
    expect(await isDue(rotationId)).toBe(false);
    expect(await told(rotationId)).toEqual([]);
  }
});

test('who only reads or approves has nothing tried', async () => {
  const rotationId = await failing();
  for (const role of ['viewer', 'auditor', 'approver'] as const) {
    await expect(tryNow({ ...ada, role }, { rotationId })).rejects.toThrow(/may not try now/);
  }
  expect(await isDue(rotationId)).toBe(false);
});
