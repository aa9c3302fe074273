import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { readCredential } from '#core/credentials/read-credential.ts';
import { archivePolicy } from '#core/policies/archive-policy.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { disablePolicy } from '#core/policies/disable-policy.ts';
import { enablePolicy } from '#core/policies/enable-policy.ts';
import { fillNextSlots } from '#core/policies/fill-next-slots.ts';
import { listPolicies } from '#core/policies/list-policies.ts';
import { moveNextRun } from '#core/policies/move-next-run.ts';
import { startDueRotation } from '#core/rotation/start-due-rotation.ts';
import { databaseTime } from '#lib/clock.ts';
import { db } from '#lib/db.ts';
import { moveTime } from '#tests/support/database.ts';
import { type Sample, startSample } from '#tests/support/sample.ts';

const actor = system('test');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let sample: Sample;
let fleet: string;
let survey: string;
let number = 0;

beforeAll(async () => {
  sample = await startSample();
  fleet = await sample.credentialId('fleet-api');
  survey = await sample.credentialId('survey-importer');
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
const assignment = (credentialId = fleet) =>
  db().prisma.policyAssignment.findUniqueOrThrow({ where: { credentialId } });
const iso = async (ms: number) => new Date((await databaseTime()).getTime() + ms).toISOString();
const actionsOf = async () =>
  (await db().prisma.auditEvent.findMany({ orderBy: { id: 'asc' } })).map(({ action }) => action);

async function policy(more: Partial<Parameters<typeof createPolicy>[1]> = {}) {
  number += 1;
  const wish = {
    name: `first ${number}`,
    rhythm: { intervalSeconds: 30 * 86_400 },
    graceSeconds: 60,
    ...more,
  };
  return { id: (await createPolicy(actor, wish)).id, name: wish.name };
}

/** A blackout from an hour from now to two hours from now. */
const blackout = async () => ({ from: await iso(HOUR), to: await iso(2 * HOUR), reason: 'freeze' });

test('a first run now starts at once, and the distance counts from it', async () => {
  const { id: policyId } = await policy();
  const { nextRotationAt } = await assignPolicy(actor, { credentialId: fleet, policyId, first: 'now' });
  const rotationId = await startDueRotation();
  expect(rotationId).toBeTypeOf('string');
  await fillNextSlots(10);
  expect((await assignment()).dueAt?.getTime()).toBeGreaterThan(Date.parse(nextRotationAt ?? '') + 29 * DAY);
});

test('a first run now waits for a blackout to end, and says so', async () => {
  const { id: policyId } = await policy({
    rules: { blackouts: [{ ...(await blackout()), from: await iso(-HOUR) }] },
  });
  const { nextRotationAt } = await assignPolicy(actor, { credentialId: fleet, policyId, first: 'now' });
  expect(Date.parse(nextRotationAt ?? '')).toBeGreaterThan(Date.parse(await iso(HOUR)));
  expect(await startDueRotation()).toBeUndefined();
});

test('a first run at a time starts then, and slots go on from there', async () => {
  const { id: policyId } = await policy();
  const at = await iso(5 * HOUR);
  expect(await assignPolicy(actor, { credentialId: fleet, policyId, first: { at } })).toEqual({
    nextRotationAt: at,
  });
  expect(await startDueRotation()).toBeUndefined();
  await fillNextSlots(10);
  expect((await assignment()).nextSlot?.getTime()).toBe(Date.parse(at) + 30 * DAY);
  await later('5 hours 1 minute');
  expect(await startDueRotation()).toBeTypeOf('string');
});

test('a time that has passed, lies far ahead or in a blackout is refused, and nothing is given', async () => {
  const freeze = await blackout();
  const { id: policyId } = await policy({ rules: { blackouts: [freeze] } });
  const given = async (at: string) => assignPolicy(actor, { credentialId: fleet, policyId, first: { at } });
  await expect(given(await iso(-HOUR))).rejects.toThrow(/has passed/);
  await expect(given(await iso(500 * DAY))).rejects.toThrow(/more than 400 days ahead/);
  await expect(given(await iso(1.5 * HOUR))).rejects.toThrow(
    new RegExp(`in a blackout of the policy. The next time it may start is ${freeze.to}`),
  );
  expect(await db().prisma.policyAssignment.count()).toBe(0);
});

test('the next run of one credential is moved, takes the place of its slot, and the others keep theirs', async () => {
  const { id: policyId } = await policy();
  await assignPolicy(actor, { credentialId: fleet, policyId });
  await assignPolicy(actor, { credentialId: survey, policyId });
  await fillNextSlots(10);
  const before = await assignment(survey);
  const at = await iso(40 * DAY);
  await moveNextRun(actor, { credentialId: fleet, at });
  expect(await assignment()).toMatchObject({ movedBy: 'hand', slot: new Date(at), dueAt: new Date(at) });
  expect((await assignment()).nextSlot?.getTime()).toBe(Date.parse(at) + 30 * DAY);
  expect(await assignment(survey)).toEqual(before);
  expect((await actionsOf()).at(-1)).toBe('slot.moved');
  await expect(moveNextRun(actor, { credentialId: fleet, at: await iso(-1) })).rejects.toMatchObject({
    code: 'bad_moment',
    fields: { at: expect.stringMatching(/has passed/) },
  });
});

test('a run of a calendar that is moved behind other slots takes the place of all of them', async () => {
  const { id: policyId } = await policy({ rhythm: { cron: '0 3 * * *', timeZone: 'UTC' } });
  await assignPolicy(actor, { credentialId: fleet, policyId });
  await fillNextSlots(10);
  const at = await iso(3 * DAY);
  await moveNextRun(actor, { credentialId: fleet, at });
  const next = (await assignment()).nextSlot?.getTime() ?? 0;
  expect(next).toBeGreaterThan(Date.parse(at));
  expect(next - Date.parse(at)).toBeLessThanOrEqual(DAY);
});

test('a policy that is off starts nothing; switched on, slots that passed are not made up for', async () => {
  const { id: policyId } = await policy();
  await assignPolicy(actor, { credentialId: fleet, policyId });
  await fillNextSlots(10);
  await disablePolicy(actor, { policyId });
  await later('31 days');
  expect(await startDueRotation()).toBeUndefined();
  expect((await readCredential(actor, { credentialId: fleet })).policy).toMatchObject({
    nextRotationAt: null,
  });
  await expect(moveNextRun(actor, { credentialId: fleet, at: await iso(HOUR) })).rejects.toThrow(
    /policy is off/,
  );
  await expect(disablePolicy(actor, { policyId })).rejects.toMatchObject({ code: 'already_off' });
  expect(await enablePolicy(actor, { policyId })).toEqual({ credentials: 1 });
  expect(await startDueRotation()).toBeUndefined();
  await fillNextSlots(10);
  expect(await startDueRotation()).toBeUndefined();
  expect((await assignment()).dueAt?.getTime()).toBeGreaterThan(Date.parse(await iso(29 * DAY)));
  await expect(enablePolicy(actor, { policyId })).rejects.toMatchObject({ code: 'already_on' });
});

test('a policy is switched on with a first run now for all of its credentials, spread as it says', async () => {
  const { id: policyId } = await policy({ rules: { jitterSeconds: 7200 } });
  await assignPolicy(actor, { credentialId: fleet, policyId });
  await assignPolicy(actor, { credentialId: survey, policyId });
  await disablePolicy(actor, { policyId });
  await enablePolicy(actor, { policyId, first: 'now' });
  await fillNextSlots(10);
  const starts = [await assignment(fleet), await assignment(survey)].map(
    ({ dueAt }) => dueAt?.getTime() ?? 0,
  );
  expect(new Set(starts).size).toBe(2);
  expect(Math.max(...starts)).toBeLessThan(Date.parse(await iso(2 * HOUR)));
  await later('2 hours 1 minute');
  expect([await startDueRotation(), await startDueRotation()].map((one) => typeof one)).toEqual([
    'string',
    'string',
  ]);
});

test('a policy is archived only with the credentials that were told, and each of them is in the audit', async () => {
  const { id: policyId, name } = await policy();
  await assignPolicy(actor, { credentialId: fleet, policyId });
  await expect(archivePolicy(actor, { policyId, credentials: 0 })).rejects.toMatchObject({
    code: 'others_now',
  });
  expect(await db().prisma.policyAssignment.count()).toBe(1);
  await archivePolicy(actor, { policyId, credentials: 1 });
  expect(await db().prisma.policyAssignment.count()).toBe(0);
  expect((await actionsOf()).slice(-2)).toEqual(['policy.unassigned', 'policy.archived']);
  expect((await listPolicies(actor, {})).map((one) => one.id)).not.toContain(policyId);
  await expect(policy({ name })).rejects.toThrow(/An archived policy is called/);
  await expect(archivePolicy(actor, { policyId, credentials: 0 })).rejects.toMatchObject({ status: 404 });
});
