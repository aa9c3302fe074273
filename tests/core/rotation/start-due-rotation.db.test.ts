import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { fillNextSlots } from '#core/policies/fill-next-slots.ts';
import { startDueRotation } from '#core/rotation/start-due-rotation.ts';
import { db } from '#lib/db.ts';
import { moveTime } from '#tests/support/database.ts';
import { advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
let credentialId: string;
const actor = system('test');
const url = () => process.env.DATABASE_URL ?? '';

beforeAll(async () => {
  sample = await startSample();
  credentialId = await sample.credentialId('fleet-api');
  const { id } = await createPolicy(actor, {
    name: 'hourly',
    rhythm: { intervalSeconds: 3600 },
    graceSeconds: 60,
  });
  await assignPolicy(actor, { credentialId, policyId: id });
});
afterAll(() => sample.close());
beforeEach(() => fillNextSlots(10));

const scheduled = () => db().prisma.rotation.findMany({ where: { credentialId, slot: { not: null } } });

async function finish(rotationId: string): Promise<void> {
  await advanceUntil(rotationId, (row) => row.phase === 'overlap');
  await moveTime(url(), '2 minutes');
  await advanceUntil(rotationId, (row) => row.outcome === 'completed');
}

test('assigning a policy starts nothing: the first rotation waits for the next slot', async () => {
  expect(await startDueRotation()).toBeUndefined();
  expect(await scheduled()).toEqual([]);
});

test('a slot that comes due is rotated once, however many workers claim at the same time', async () => {
  await moveTime(url(), '61 minutes');
  const answers = await Promise.all(Array.from({ length: 10 }, () => startDueRotation()));
  const started = answers.filter((answer) => typeof answer === 'string');
  expect(started).toHaveLength(1);
  expect(await scheduled()).toHaveLength(1);
  await finish(String(started[0]));
});

test('slots that passed while nothing ran are rotated once, not one after the other', async () => {
  await moveTime(url(), '5 hours');
  const rotationId = await startDueRotation();
  expect(rotationId).toBeTypeOf('string');
  expect(await startDueRotation()).toBeUndefined();
  await fillNextSlots(10);
  expect(await startDueRotation()).toBeUndefined();
  const assignment = await db().prisma.policyAssignment.findUniqueOrThrow({ where: { credentialId } });
  const [{ now } = { now: new Date() }] = await db().prisma.$queryRaw<
    { now: Date }[]
  >`select rekey_now() as now`;
  expect(assignment.dueAt?.getTime()).toBeGreaterThan(now.getTime());
  await advanceUntil(String(rotationId), (row) => row.phase === 'overlap');
});

test('a slot that comes due while the last rotation is still open is skipped, with the reason', async () => {
  await moveTime(url(), '61 minutes');
  await db().pool.query(
    `update rotations set overlap_ends_at = rekey_now() + interval '1 day' where outcome is null`,
  );
  expect(await startDueRotation()).toBeNull();
  const skips = await db().prisma.skip.findMany({ where: { credentialId }, orderBy: { slot: 'asc' } });
  // The first one is of the hours in which nothing ran.
  expect(skips.map((skip) => skip.reason)).toEqual(['window_missed', 'previous_overlap_open']);
});

test('a schedule that cannot be read, never fires, or is shorter than its overlap is refused with a sentence', async () => {
  const wish = { name: 'bad', graceSeconds: 60 };
  const cron = (text: string, timeZone = 'Europe/Berlin') =>
    createPolicy(actor, { ...wish, rhythm: { cron: text, timeZone } });
  await expect(cron('61 * * * *')).rejects.toThrow(/cannot be read as a schedule/);
  await expect(cron('0 3 * * *', 'Europe/Nowhere')).rejects.toThrow(/cannot be read as a schedule/);
  await expect(cron('0 0 30 2 *')).rejects.toThrow(/never comes due/);
  await expect(
    createPolicy(actor, { name: 'bad', rhythm: { intervalSeconds: 60 }, graceSeconds: 60 }),
  ).rejects.toThrow(/Shorten the grace period/);
  expect(await db().prisma.policy.count({ where: { name: 'bad' } })).toBe(0);
});

test('a credential that cannot be planned is skipped and keeps no other waiting', async () => {
  await db().pool.query(`update rotations set outcome = 'cancelled' where outcome is null`);
  const other = await sample.credentialId('survey-importer');
  const { policyId } = await db().prisma.policyAssignment.findUniqueOrThrow({ where: { credentialId } });
  await assignPolicy(actor, { credentialId: other, policyId });
  await fillNextSlots(10);
  await db().pool.query(`update credentials set sealed = 'v1.lost.aa.bb' where id = $1`, [credentialId]);
  await moveTime(url(), '2 hours');
  const started: string[] = [];
  for (let answer = await startDueRotation(); answer !== undefined; answer = await startDueRotation()) {
    if (answer !== null) {
      started.push((await db().prisma.rotation.findUniqueOrThrow({ where: { id: answer } })).credentialId);
    }
  }
  expect(started).toEqual([other]);
  expect(await db().prisma.skip.count({ where: { credentialId, reason: 'unplannable' } })).toBe(1);
});
