import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Actor, type Role, system } from '#core/access/actor.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { changePolicy } from '#core/policies/change-policy.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { fillNextSlots } from '#core/policies/fill-next-slots.ts';
import { moveNextRun } from '#core/policies/move-next-run.ts';
import { unassignPolicy } from '#core/policies/unassign-policy.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { startDueRotation } from '#core/rotation/start-due-rotation.ts';
import type { RulesWish } from '#core/schedule/rules.ts';
import { databaseTime } from '#lib/clock.ts';
import { db } from '#lib/db.ts';
import { moveTime } from '#tests/support/database.ts';
import { advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';

/* What a person or a fault does to policies must neither lose a slot nor let one come unasked. */

const actor = system('test');
const DAY = 86_400;
const allDays = [0, 1, 2, 3, 4, 5, 6];
let sample: Sample;
let credentialId: string;
let other: string;
let number = 0;

beforeAll(async () => {
  sample = await startSample();
  credentialId = await sample.credentialId('fleet-api');
  other = await sample.credentialId('survey-importer');
});
afterAll(() => sample.close());
beforeEach(async () => {
  await db().pool.query(
    `update rotations set outcome = 'cancelled', ended_at = rekey_now() where outcome is null`,
  );
  await db().pool.query('delete from skips');
  await db().pool.query('delete from policy_assignments');
});

const later = (interval: string) => moveTime(process.env.DATABASE_URL ?? '', interval);
const assignment = (id = credentialId) =>
  db().prisma.policyAssignment.findUniqueOrThrow({ where: { credentialId: id } });

function wishOf(rules: RulesWish = {}, more: { approvals?: number } = {}) {
  number += 1;
  return { name: `kept ${number}`, rhythm: { intervalSeconds: 90 * DAY }, graceSeconds: 60, rules, ...more };
}

async function given(rules: RulesWish = {}, more: { approvals?: number } = {}) {
  const wish = wishOf(rules, more);
  const { id: policyId } = await createPolicy(actor, wish);
  await assignPolicy(actor, { credentialId, policyId });
  await fillNextSlots(10);
  return { policyId, ...wish };
}

const nightly = { days: allDays, from: '22:00', to: '02:00', timeZone: 'Europe/Berlin' };

test('a policy that is renamed, or keeps the old version longer, leaves every next slot where it is', async () => {
  const wish = await given();
  const before = await assignment();
  await later('89 days');
  await changePolicy(actor, { ...wish, name: 'renamed', graceSeconds: 600 });
  await fillNextSlots(10);
  expect(await assignment()).toEqual(before);
});

test('a changed window moves the start of the next slot and not the slot', async () => {
  const wish = await given();
  const { slot } = await assignment();
  await later('1 day');
  await changePolicy(actor, { ...wish, rules: { window: nightly } });
  await fillNextSlots(10);
  const after = await assignment();
  expect(after.slot).toEqual(slot);
  expect(after.dueAt?.getTime()).toBeGreaterThanOrEqual(slot?.getTime() ?? Infinity);
  expect(after.nextSlot).not.toBeNull();
});

test('a slot that waits for its window does not come at once when the window is taken away', async () => {
  const now = await databaseTime();
  const blackout = { reason: 'freeze', from: now.toISOString() };
  const to = new Date(now.getTime() + 100 * DAY * 1000).toISOString();
  const wish = await given({ blackouts: [{ ...blackout, to }] });
  await later('95 days');
  const { dueAt } = await assignment();
  await changePolicy(actor, { ...wish, rules: {} });
  await fillNextSlots(10);
  expect(await startDueRotation()).toBeUndefined();
  expect((await assignment()).dueAt).toEqual(dueAt);
});

/** A blackout from `from` to `to` seconds from now. */
async function freeze(from: number, to: number) {
  const now = (await databaseTime()).getTime();
  const at = (seconds: number) => new Date(now + seconds * 1000).toISOString();
  return { from: at(from), to: at(to), reason: 'freeze' };
}

const inDays = async (days: number) =>
  new Date((await databaseTime()).getTime() + days * DAY * 1000).toISOString();

test('a time that a person chose stays that time when the rules of the policy change', async () => {
  const wish = await given({ jitterSeconds: DAY });
  const at = await inDays(10);
  await moveNextRun(actor, { credentialId, at });
  const { nextSlot } = await assignment();
  const blackouts = [await freeze(300 * DAY, 301 * DAY)];
  await changePolicy(actor, { ...wish, rules: { jitterSeconds: DAY, blackouts } });
  await fillNextSlots(10);
  const chosen = new Date(at);
  expect(await assignment()).toMatchObject({ slot: chosen, dueAt: chosen, nextSlot, movedBy: 'hand' });
});

test('a slot that was moved is not followed by the one whose place it has taken, also when the rules of the policy change', async () => {
  const wish = { ...wishOf(), rhythm: { cron: '0 3 1 * *', timeZone: 'UTC' } };
  const { id: policyId } = await createPolicy(actor, wish);
  await assignPolicy(actor, { credentialId, policyId });
  await fillNextSlots(10);
  const planned = (await assignment()).slot ?? new Date(0);
  await moveNextRun(actor, { credentialId, at: new Date(planned.getTime() - 3_600_000).toISOString() });
  const { nextSlot } = await assignment();
  const blackouts = [await freeze(300 * DAY, 301 * DAY)];
  await changePolicy(actor, { policyId, ...wish, rules: { blackouts } });
  await fillNextSlots(10);
  expect((await assignment()).nextSlot).toEqual(nextSlot);
  expect(nextSlot).not.toEqual(planned);
});

test('a time that a person chose waits for the end of a blackout that was put over it', async () => {
  const wish = await given({ jitterSeconds: DAY });
  await moveNextRun(actor, { credentialId, at: await inDays(10) });
  const over = await freeze(9 * DAY, 11 * DAY);
  await changePolicy(actor, { ...wish, rules: { jitterSeconds: DAY, blackouts: [over] } });
  await fillNextSlots(10);
  await later('10 days 1 minute');
  expect(await startDueRotation()).toBeNull();
  expect(await assignment()).toMatchObject({ dueAt: new Date(over.to), movedBy: 'hand' });
  await later('1 day');
  expect(await startDueRotation()).toBeTypeOf('string');
});

test('the audit names a rule that changed, and none that only lies in the database in another order', async () => {
  const blackouts = [{ from: '2026-12-20T00:00:00Z', to: '2026-12-28T00:00:00Z', reason: 'freeze' }];
  const wish = await given({ window: nightly, blackouts });
  await changePolicy(actor, { ...wish, graceSeconds: 600 });
  const events = await db().prisma.auditEvent.findMany({
    where: { action: 'policy.changed' },
    orderBy: { id: 'asc' },
  });
  const { changes } = JSON.parse(events.at(-1)?.body ?? '');
  expect(changes).toEqual([{ field: 'graceSeconds', from: '60', to: '600' }]);
});

test('an overlap is held against the shortest distance between two slots, not against the first one', async () => {
  const wish = { ...wishOf(), rhythm: { cron: '0 3 1,2 * *', timeZone: 'UTC' }, graceSeconds: 2 * DAY };
  await expect(createPolicy(actor, wish)).rejects.toMatchObject({
    code: 'overlap_too_long',
    message: expect.stringMatching(/kept for 2 days, but .* 1 day apart/),
  });
  const spread = { ...wish, graceSeconds: 60, rhythm: { cron: '0,5 3 1 * *', timeZone: 'UTC' } };
  await expect(createPolicy(actor, { ...spread, rules: { jitterSeconds: 3600 } })).rejects.toThrow(
    /spread over 1 hour, but .* 5 minutes/,
  );
});

test('a slot that can never start is a skip with its reason, and the schedule goes on after it', async () => {
  const wish = await given();
  const { slot } = await assignment();
  const from = new Date((slot?.getTime() ?? 0) - 1000).toISOString();
  const to = new Date((slot?.getTime() ?? 0) + 500 * DAY * 1000).toISOString();
  const blackouts = JSON.stringify([{ from, to, reason: 'very long' }]);
  await db().pool.query('update policies set blackouts = $2 where id = $1', [wish.policyId, blackouts]);
  await db().pool.query('update policy_assignments set due_at = null, next_slot = null');
  await fillNextSlots(10);
  const after = await assignment();
  expect(await db().prisma.skip.findMany()).toMatchObject([{ slot, reason: 'blackout' }]);
  expect(after.dueAt?.toISOString()).toBe(to);
  expect(after.slot?.getTime()).toBeGreaterThan(slot?.getTime() ?? 0);
});

test('a policy without a next slot keeps no other from being filled, and is looked at again', async () => {
  const broken = await given();
  await db().pool.query(`update policies set interval_seconds = null, cron = 'none' where id = $1`, [
    broken.policyId,
  ]);
  await db().pool.query('update policy_assignments set slot = null, due_at = null, next_slot = null');
  const { id: policyId } = await createPolicy(actor, wishOf());
  await assignPolicy(actor, { credentialId: other, policyId });
  for (let round = 0; round < 3; round += 1) await fillNextSlots(1);
  expect((await assignment(other)).nextSlot).not.toBeNull();
  await db().pool.query(`update policies set cron = '0 3 * * *' where id = $1`, [broken.policyId]);
  await later('2 hours');
  await fillNextSlots(1);
  expect((await assignment()).slot).not.toBeNull();
});

test('rules that cannot be read keep neither the filling nor the starts of other policies waiting', async () => {
  const broken = await given();
  const { id: policyId } = await createPolicy(actor, wishOf());
  await assignPolicy(actor, { credentialId: other, policyId });
  await db().pool.query(`update policies set "window" = '{"days":[9]}' where id = $1`, [broken.policyId]);
  await db().pool.query('update policy_assignments set next_slot = null, next_due_at = null');
  await fillNextSlots(10);
  expect((await assignment(other)).nextSlot).not.toBeNull();
  await later('91 days');
  await db().pool.query(
    `update policy_assignments set due_at = due_at - interval '1 second' where credential_id = $1`,
    [credentialId],
  );
  expect(await startDueRotation()).toBeNull();
  expect(await db().prisma.skip.findMany()).toMatchObject([{ credentialId, reason: 'unplannable' }]);
  expect(await startDueRotation()).toBeTypeOf('string');
});

test('a slot is never worked out from a policy that is being changed at that moment', async () => {
  const wish = await given();
  await db().pool.query('update policy_assignments set slot = null, due_at = null, next_slot = null');
  const client = await db().pool.connect();
  await client.query('begin');
  await client.query('update policies set interval_seconds = 7200 where id = $1', [wish.policyId]);
  await fillNextSlots(10);
  expect((await assignment()).slot).toBeNull();
  await client.query('commit');
  client.release();
  await fillNextSlots(10);
  const ahead = ((await assignment()).slot?.getTime() ?? 0) - (await databaseTime()).getTime();
  expect(ahead).toBeLessThanOrEqual(7_200_000);
});

test('an archived policy, and an archived credential, cannot be given to each other', async () => {
  const { id: policyId } = await createPolicy(actor, wishOf());
  await db().prisma.policy.update({ where: { id: policyId }, data: { archivedAt: new Date() } });
  await expect(assignPolicy(actor, { credentialId, policyId })).rejects.toMatchObject({ status: 404 });
  const { id: live } = await createPolicy(actor, wishOf());
  await db().prisma.credential.update({ where: { id: other }, data: { archivedAt: new Date() } });
  await expect(assignPolicy(actor, { credentialId: other, policyId: live })).rejects.toMatchObject({
    status: 404,
  });
  await db().prisma.credential.update({ where: { id: other }, data: { archivedAt: null } });
});

test('an operator cannot get round approvals by taking the credential from its policy, or giving it a laxer one', async () => {
  const person = (role: Role): Actor => ({
    kind: 'user',
    id: crypto.randomUUID(),
    name: role,
    role,
    stepUpAt: new Date(),
  });
  await db().prisma.user.create({ data: { email: 'approver@example.test', name: 'x', role: 'approver' } });
  await given({}, { approvals: 1 });
  const lax = await createPolicy(actor, wishOf());
  const operator = person('operator');
  await expect(unassignPolicy(operator, { credentialId })).rejects.toMatchObject({ code: 'approvals_kept' });
  await expect(assignPolicy(operator, { credentialId, policyId: lax.id })).rejects.toThrow(
    /wants one approval.*an admin/i,
  );
  await unassignPolicy(person('admin'), { credentialId });
});

test('daily rotations on working days are accepted on whatever day they are saved', async () => {
  const window = { days: [1, 2, 3, 4, 5], from: '02:00', to: '05:00', timeZone: 'UTC' };
  for (let day = 0; day < 7; day += 1) {
    await createPolicy(actor, { ...wishOf({ window }), rhythm: { cron: '0 3 * * *', timeZone: 'UTC' } });
    await later('1 day');
  }
});

test('a window shorter than a rotation of one of its credentials usually takes is refused and names it', async () => {
  const wish = await given();
  const rotationId = String((await requestRotation(actor, { credentialId, graceSeconds: 0 })).rotationId);
  await advanceUntil(rotationId, ({ outcome }) => outcome === 'completed');
  const half = { days: allDays, from: '03:00', to: '03:30', timeZone: 'UTC' };
  await changePolicy(actor, { ...wish, rules: { window: half } });
  await db().pool.query(
    `update secret_versions set promoted_at = promoted_at + interval '40 minutes' where state = 'current'`,
  );
  await expect(changePolicy(actor, { ...wish, rules: { window: half } })).rejects.toMatchObject({
    code: 'rules_collide',
    message: expect.stringMatching(
      /open for 30 minutes, but a rotation of fleet-api usually takes 4\d minutes/,
    ),
  });
});
