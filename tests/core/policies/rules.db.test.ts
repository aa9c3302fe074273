import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { changePolicy } from '#core/policies/change-policy.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { fillNextSlots } from '#core/policies/fill-next-slots.ts';
import { unassignPolicy } from '#core/policies/unassign-policy.ts';
import { startDueRotation } from '#core/rotation/start-due-rotation.ts';
import { dueOf, type RulesWish, rulesInput } from '#core/schedule/rules.ts';
import { databaseTime } from '#lib/clock.ts';
import { db } from '#lib/db.ts';
import { moveTime } from '#tests/support/database.ts';
import { type Sample, startSample } from '#tests/support/sample.ts';

const actor = system('test');
let sample: Sample;
let credentialId: string;
let number = 0;

beforeAll(async () => {
  sample = await startSample();
  credentialId = await sample.credentialId('fleet-api');
});
afterAll(() => sample.close());
beforeEach(async () => {
  await db().pool.query(
    `update rotations set outcome = 'cancelled', ended_at = rekey_now() where outcome is null`,
  );
  await db().pool.query('delete from skips');
});

const every = (seconds: number) => ({ intervalSeconds: seconds });
const HOUR = 3600;
const allDays = [0, 1, 2, 3, 4, 5, 6];

async function policy(
  rules: RulesWish,
  rhythm: Parameters<typeof createPolicy>[1]['rhythm'] = every(6 * HOUR),
) {
  number += 1;
  return (await createPolicy(actor, { name: `policy ${number}`, rhythm, graceSeconds: 60, rules })).id;
}

const assignment = () => db().prisma.policyAssignment.findUniqueOrThrow({ where: { credentialId } });
const rotations = () =>
  db().prisma.rotation.findMany({
    where: { credentialId, slot: { not: null } },
    orderBy: { createdAt: 'desc' },
  });
const later = (interval: string) => moveTime(process.env.DATABASE_URL ?? '', interval);
const clock = (at: Date) => at.toISOString().slice(11, 16);

/** A window of half an hour that opens some minutes from now, in UTC. */
async function windowIn(minutes: number) {
  const from = new Date((await databaseTime()).getTime() + minutes * 60_000);
  const to = new Date(from.getTime() + 30 * 60_000);
  return { days: allDays, from: clock(from), to: clock(to), timeZone: 'UTC' };
}

test('a slot outside the window waits for it to open, and stays the slot that it is', async () => {
  const window = await windowIn(7 * 60);
  await assignPolicy(actor, { credentialId, policyId: await policy({ window }) });
  const { slot, dueAt } = await assignment();
  expect(clock(dueAt ?? new Date(0))).toBe(window.from);
  await later('6 hours 5 minutes');
  expect(await startDueRotation()).toBeUndefined();
  await later('1 hour');
  expect(await startDueRotation()).toBeTypeOf('string');
  expect((await rotations())[0]).toMatchObject({ slot, reason: null });
});

test('a slot that was missed while nothing ran is made up for in the next window, once, and says so', async () => {
  const window = await windowIn(6 * 60);
  await assignPolicy(actor, { credentialId, policyId: await policy({ window }, every(24 * HOUR)) });
  await fillNextSlots(10);
  const { slot } = await assignment();
  await later('60 hours');
  expect(await startDueRotation()).toBeNull();
  expect(clock((await assignment()).dueAt ?? new Date(0))).toBe(window.from);
  expect((await rotations()).filter((one) => one.slot?.getTime() === slot?.getTime())).toEqual([]);
  await later('18 hours 10 minutes');
  expect(await startDueRotation()).toBeTypeOf('string');
  expect((await rotations())[0]).toMatchObject({ slot, reason: expect.stringMatching(/^window_missed: /) });
  expect(await startDueRotation()).toBeUndefined();
});

test('without a window the first missed slot runs at once and says window_missed, and the one after is a skip', async () => {
  await assignPolicy(actor, { credentialId, policyId: await policy({}) });
  await fillNextSlots(10);
  const { slot, nextSlot } = await assignment();
  await later('30 hours');
  expect(await startDueRotation()).toBeTypeOf('string');
  expect((await rotations())[0]).toMatchObject({
    slot,
    reason: expect.stringMatching(/^window_missed: the slot of /),
  });
  expect(await db().prisma.skip.findMany({ where: { credentialId } })).toMatchObject([
    { slot: nextSlot, reason: 'window_missed' },
  ]);
  await fillNextSlots(10);
  expect(await startDueRotation()).toBeUndefined();
});

test('in a blackout nothing starts, and the slot starts when it is over', async () => {
  const now = await databaseTime();
  const blackouts = [
    {
      from: now.toISOString(),
      to: new Date(now.getTime() + 10 * HOUR * 1000).toISOString(),
      reason: 'freeze',
    },
  ];
  await assignPolicy(actor, { credentialId, policyId: await policy({ blackouts }) });
  await later('6 hours 5 minutes');
  expect(await startDueRotation()).toBeUndefined();
  await later('4 hours');
  expect(await startDueRotation()).toBeTypeOf('string');
});

const manyIds = Array.from({ length: 2_000 }, () => crypto.randomUUID());

/** When they start, in seconds after a moment: over an hour, and about a tenth in every six minutes. */
function mustBeSpread(from: string, starts: readonly (Date | null)[]): void {
  const offsets = starts.map((at) => ((at?.getTime() ?? 0) - Date.parse(from)) / 1000);
  expect(Math.min(...offsets)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...offsets)).toBeLessThan(3600);
  for (let part = 0; part < 10; part += 1) {
    const inPart = offsets.filter((offset) => Math.floor(offset / 360) === part).length;
    expect(inPart).toBeGreaterThan(120);
    expect(inPart).toBeLessThan(290);
  }
}

test('the credentials of one slot are spread over the jitter, each the same way whenever it is asked', () => {
  const rules = rulesInput.parse({ jitterSeconds: 3600 });
  const slot = new Date('2026-12-01T00:00:00Z');
  const starts = () => manyIds.map((id) => dueOf(slot, rules, id));
  expect(starts()).toEqual(starts());
  mustBeSpread('2026-12-01T00:00:00Z', starts());
});

test('credentials whose slot lies outside of the window, or in a blackout, are spread from the opening that they wait for', () => {
  const window = { days: allDays, from: '22:00', to: '04:00', timeZone: 'UTC' };
  const nightly = rulesInput.parse({ jitterSeconds: 3600, window });
  const startsOf = (slot: string, rules = nightly) => manyIds.map((id) => dueOf(new Date(slot), rules, id));
  const afternoon = startsOf('2026-12-01T14:00:00Z');
  mustBeSpread('2026-12-01T22:00:00Z', afternoon);
  // Another slot that waits for the same opening is the same rotation.
  expect(startsOf('2026-12-01T09:00:00Z')).toEqual(afternoon);
  const blackout = { from: '2026-12-01T00:00:00Z', to: '2026-12-03T00:00:00Z', reason: 'freeze' };
  const frozen = rulesInput.parse({ jitterSeconds: 3600, blackouts: [blackout] });
  mustBeSpread(blackout.to, startsOf('2026-12-01T14:00:00Z', frozen));
});

test('an opening that is shorter than the jitter holds all that wait for it', () => {
  const window = { days: allDays, from: '22:00', to: '04:00', timeZone: 'UTC' };
  const blackouts = [{ from: '2026-12-01T22:10:00Z', to: '2026-12-02T12:00:00Z', reason: 'freeze' }];
  const rules = rulesInput.parse({ jitterSeconds: 3600, window, blackouts });
  const starts = manyIds.map((id) => dueOf(new Date('2026-12-01T14:00:00Z'), rules, id)?.toISOString() ?? '');
  expect(starts.toSorted()[0]?.slice(0, 15)).toBe('2026-12-01T22:0');
  expect(starts.toSorted().at(-1)?.slice(0, 15)).toBe('2026-12-01T22:0');
  expect(new Set(starts).size).toBeGreaterThan(300);
});

test.each([
  [
    'a window shorter than a rotation',
    { window: { days: allDays, from: '03:00', to: '03:10', timeZone: 'UTC' } },
    /open for 10 minutes, and a rotation may take longer/,
    'rules.window.to',
  ],
  [
    'a spread longer than the window',
    { window: { days: allDays, from: '03:00', to: '03:30', timeZone: 'UTC' }, jitterSeconds: 3600 },
    /spread over 1 hour, but the window is open for 30 minutes/,
    'rules.jitterSeconds',
  ],
  [
    'a spread as long as the interval',
    { jitterSeconds: 21_600 },
    /spread over 6 hours, but two slots are only 6 hours apart/,
    'rules.jitterSeconds',
  ],
  [
    'blackouts that leave nothing',
    { blackouts: [{ from: '2020-01-01T00:00:00Z', to: '2040-01-01T00:00:00Z', reason: 'never' }] },
    /leave no time in which a rotation may start/,
    'rules.blackouts',
  ],
  [
    'a window that opens less often than slots come',
    { window: { days: [2], from: '03:00', to: '05:00', timeZone: 'UTC' } },
    /The window opens so seldom/,
    'rules.window.days',
  ],
] as const)(
  '%s is refused with a sentence that names both rules, at one of them',
  async (_name, rules, sentence, field) => {
    await later('1 second');
    // From a Wednesday on, so that Tuesdays are far.
    const { rows } = await db().pool.query<{ days: number }>(
      `select (10 - extract(isodow from rekey_now())::int) % 7 as days`,
    );
    await later(`${rows[0]?.days ?? 0} days`);
    await expect(policy(rules as unknown as RulesWish)).rejects.toMatchObject({
      code: 'rules_collide',
      message: expect.stringMatching(sentence),
      fields: { [field]: expect.stringMatching(sentence) },
    });
  },
);

test('a time zone that does not exist, a day that is none and a blackout that ends first are refused at their field', async () => {
  const window = { days: allDays, from: '03:00', to: '05:00', timeZone: 'UTC' };
  const refused = (rules: RulesWish) =>
    policy(rules).catch((error: { fields: Record<string, string> }) => Object.keys(error.fields));
  expect(await refused({ window: { ...window, timeZone: 'Mars/Olympus' } })).toEqual([
    'rules.window.timeZone',
  ]);
  expect(await refused({ window: { ...window, days: [] } })).toEqual(['rules.window.days']);
  expect(await refused({ window: { ...window, from: '25:00' } })).toEqual(['rules.window.from']);
  const blackout = { from: '2026-12-24T00:00:00Z', to: '2026-12-23T00:00:00Z', reason: 'x' };
  expect(await refused({ blackouts: [blackout] })).toEqual(['rules.blackouts.0.to']);
});

test('a changed policy gives its credentials new slots from now on, none at once, and the audit says what changed', async () => {
  const policyId = await policy({}, every(HOUR));
  await assignPolicy(actor, { credentialId, policyId });
  await later('50 minutes');
  const window = { days: allDays, from: '03:00', to: '05:00', timeZone: 'UTC' };
  const wish = { name: 'changed', rhythm: every(24 * HOUR), graceSeconds: 120, rules: { window } };
  expect(await changePolicy(actor, { policyId, ...wish })).toEqual({ credentials: 1 });
  await later('15 minutes');
  expect(await startDueRotation()).toBeUndefined();
  await fillNextSlots(10);
  const { slot, dueAt } = await assignment();
  expect((slot?.getTime() ?? 0) - (await databaseTime()).getTime()).toBeGreaterThan(23 * HOUR * 1000);
  expect(clock(dueAt ?? new Date(0)) >= '03:00' && clock(dueAt ?? new Date(0)) < '05:00').toBe(true);
  const events = await db().prisma.auditEvent.findMany({ where: { action: 'policy.changed' } });
  const { changes } = JSON.parse(events.at(-1)?.body ?? '');
  expect(changes.map(({ field }: { field: string }) => field).sort()).toEqual([
    'graceSeconds',
    'intervalSeconds',
    'name',
    'window',
  ]);
  await changePolicy(actor, { policyId, ...wish, rules: {} });
  expect((await db().prisma.policy.findUniqueOrThrow({ where: { id: policyId } })).window).toBeNull();
  await expect(changePolicy(actor, { policyId, ...wish, name: 'policy 1' })).rejects.toMatchObject({
    code: 'name_taken',
  });
  await expect(changePolicy(actor, { policyId, ...wish, rhythm: every(60) })).rejects.toMatchObject({
    code: 'overlap_too_long',
    fields: { graceSeconds: expect.stringMatching(/^The old version would be kept.*often\.$/) },
  });
});

test('a credential that is taken from its policy has no slot any more', async () => {
  await assignPolicy(actor, { credentialId, policyId: await policy({}) });
  await unassignPolicy(actor, { credentialId });
  await later('7 hours');
  expect(await startDueRotation()).toBeUndefined();
  await expect(unassignPolicy(actor, { credentialId })).rejects.toMatchObject({ code: 'no_policy' });
});
