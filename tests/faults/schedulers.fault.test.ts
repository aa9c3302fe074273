import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { db } from '#lib/db.ts';
import { actor, Fleet, kill } from '#tests/faults/support/fleet.ts';
import { moveTime } from '#tests/support/database.ts';

/* Four workers that all schedule and all rotate; one of them is killed in every slot, and another takes its place. */

const COUNT = 30;
const WORKERS = 4;
const SLOTS = 4;

let fleet: Fleet;
beforeAll(async () => {
  fleet = await Fleet.open(COUNT);
});
afterAll(() => fleet?.close());

const clock = () => process.env.DATABASE_URL ?? '';

/** How many credentials have a slot ahead; the workers work it out. */
const ready = () => db().prisma.policyAssignment.count({ where: { dueAt: { not: null } } });
const open = () => db().prisma.rotation.count({ where: { outcome: null } });

async function takenSlots(): Promise<number> {
  return (
    (await db().prisma.rotation.count({ where: { slot: { not: null } } })) + (await db().prisma.skip.count())
  );
}

test('with four workers that schedule, and one killed in every slot, each slot of each credential starts exactly one rotation', async () => {
  const { id: policyId } = await createPolicy(actor, {
    name: 'Daily',
    rhythm: { intervalSeconds: 86_400 },
    graceSeconds: 0,
  });
  for (const { credentialId } of fleet.members) {
    await assignPolicy(actor, { credentialId, policyId });
  }
  const workers = await fleet.startWorkers(WORKERS);
  for (let slot = 1; slot <= SLOTS; slot += 1) {
    await expect.poll(ready, { timeout: 60_000 }).toBe(COUNT);
    const [victim, ...others] = workers;
    await moveTime(clock(), '1 day');
    await sleep(100 * slot);
    if (victim !== undefined) {
      kill(victim);
      await victim.ended;
    }
    fleet.ageTemporaries();
    workers.splice(0, WORKERS, ...others, ...(await fleet.startWorkers(1)));
    await expect.poll(takenSlots, { timeout: 60_000, interval: 250 }).toBe(COUNT * slot);
    await moveTime(clock(), '31 seconds');
    await expect.poll(open, { timeout: 60_000, interval: 250 }).toBe(0);
  }
  const rotations = await db().prisma.rotation.findMany({
    select: { slot: true, credentialId: true, outcome: true },
  });
  const slots = new Set(rotations.map(({ slot, credentialId }) => `${credentialId} ${slot?.toISOString()}`));
  expect(slots.size).toBe(COUNT * SLOTS);
  expect(rotations.map(({ outcome }) => outcome)).toEqual(Array(COUNT * SLOTS).fill('completed'));
  expect(await db().prisma.auditEvent.count({ where: { action: 'rotation.requested' } })).toBe(COUNT * SLOTS);
  expect(await fleet.brokenPromises()).toEqual([]);
}, 240_000);
