import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { bringForward } from '#core/policies/bring-forward.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { fillNextSlots } from '#core/policies/fill-next-slots.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { startDueRotation } from '#core/rotation/start-due-rotation.ts';
import { databaseTime } from '#lib/clock.ts';
import { db } from '#lib/db.ts';
import { moveTime } from '#tests/support/database.ts';
import { advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';
import { withConnections } from '#tests/support/small-pool.ts';

const actor = system('test');
const HOUR = 3600;
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
  await db().pool.query('update issuers set scheduled_start_at = null');
});

const later = (interval: string) => moveTime(process.env.DATABASE_URL ?? '', interval);
const assignment = (credentialId: string) =>
  db().prisma.policyAssignment.findUniqueOrThrow({ where: { credentialId } });
const rotation = (id: string) => db().prisma.rotation.findUniqueOrThrow({ where: { id } });

async function give(ids: readonly string[], more: Partial<Parameters<typeof createPolicy>[1]>) {
  number += 1;
  const rhythm = { intervalSeconds: 30 * DAY };
  const wish = { name: `limits ${number}`, rhythm, graceSeconds: 60, ...more };
  const { id: policyId } = await createPolicy(actor, wish);
  for (const credentialId of ids) await assignPolicy(actor, { credentialId, policyId });
  await fillNextSlots(10);
  return policyId;
}

/** Claims until nothing is due; answers the rotations that were started. */
async function startAll(): Promise<string[]> {
  const started: string[] = [];
  for (let answer = await startDueRotation(); answer !== undefined; answer = await startDueRotation()) {
    if (answer !== null) started.push(answer);
  }
  return started;
}

test('two credentials of one issuer that are due at once start as far apart as their policy says', async () => {
  await give([fleet, survey], { minSpacingSeconds: HOUR });
  await later('30 days 1 minute');
  const first = await startAll();
  expect(first).toHaveLength(1);
  const waiting = (await rotation(first[0] ?? '')).credentialId === fleet ? survey : fleet;
  const { slot, dueAt, movedBy } = await assignment(waiting);
  expect(movedBy).toBe('min_spacing');
  const start = await rotation(first[0] ?? '');
  expect(Math.abs((dueAt?.getTime() ?? 0) - start.createdAt.getTime() - HOUR * 1000)).toBeLessThan(5);
  await later('59 minutes');
  expect(await startAll()).toEqual([]);
  await later('2 minutes');
  const second = await startAll();
  expect(second).toHaveLength(1);
  expect(await rotation(second[0] ?? '')).toMatchObject({
    credentialId: waiting,
    slot,
    reason: expect.stringMatching(/^min_spacing: the slot of /),
  });
});

test('workers that claim at the same moment keep the distance too', async () => {
  await give([fleet, survey], { minSpacingSeconds: HOUR });
  await later('30 days 1 minute');
  const answers = await Promise.all(Array.from({ length: 8 }, () => startDueRotation()));
  expect(answers.filter((answer) => typeof answer === 'string')).toHaveLength(1);
});

test('a slot that is due is started where the database has one connection for everything', async () => {
  await give([fleet], {});
  await later('30 days 1 minute');
  expect(await withConnections(1, () => startAll())).toHaveLength(1);
});

/** The statement that waits for a lock, once one does. */
async function waiting(): Promise<string> {
  for (;;) {
    const { rows } = await db().pool.query<{ query: string }>(
      `select query from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and pid <> pg_backend_pid()`,
    );
    if (rows[0] !== undefined) return rows[0].query;
  }
}

test.each([
  ['a slot waits for another start at its issuer where its policy keeps them apart', HOUR, /^select/],
  [
    'a slot is planned and stored during another start at its issuer where nothing keeps them apart',
    0,
    /^with mine/,
  ],
])('%s', async (_, minSpacingSeconds, waits) => {
  await give([fleet], { minSpacingSeconds });
  await later('30 days 1 minute');
  const other = await db().pool.connect();
  await other.query('begin');
  await other.query('select 1 from issuers for no key update');
  const starting = startAll();
  const statement = await waiting();
  await other.query('rollback');
  other.release();
  expect(statement.trim()).toMatch(waits);
  expect(await starting).toHaveLength(1);
});

test('a slot that would start only after the next one is a skip that says min_spacing', async () => {
  await give([fleet, survey], { rhythm: { intervalSeconds: 2 * HOUR }, minSpacingSeconds: HOUR });
  await later('2 hours 1 minute');
  const [first = ''] = await startAll();
  const waiting = (await rotation(first)).credentialId === fleet ? survey : fleet;
  await db().pool.query(
    `update policy_assignments set next_due_at = due_at - interval '1 minute' where credential_id = $1`,
    [waiting],
  );
  await later('1 hour 1 minute');
  await db().pool.query('update issuers set scheduled_start_at = rekey_now()');
  expect(await startAll()).toEqual([]);
  expect(await db().prisma.skip.findMany({ where: { credentialId: waiting } })).toMatchObject([
    { reason: 'min_spacing' },
    { reason: 'window_missed' },
  ]);
});

async function expiresIn(credentialId: string, seconds: number): Promise<void> {
  await db().pool.query(
    `update secret_versions set expires_at = rekey_now() + make_interval(secs => $2)
      where credential_id = $1 and state = 'current'`,
    [credentialId, seconds],
  );
}

const inDays = async (at: Date | null) =>
  Math.round(((at?.getTime() ?? 0) - (await databaseTime()).getTime()) / (DAY * 1000));

test('a secret that expires before its next slot is rotated before, and the slot that was ahead is not rotated too', async () => {
  await give([fleet], { renewBeforeSeconds: 5 * DAY });
  await expiresIn(fleet, 20 * DAY);
  await bringForward(10);
  await bringForward(10);
  const brought = await assignment(fleet);
  expect(brought.movedBy).toBe('expiry');
  expect(await inDays(brought.dueAt)).toBe(15);
  expect(await inDays(brought.nextDueAt)).toBe(45);
  await later('15 days 1 minute');
  const [started = ''] = await startAll();
  expect(await rotation(started)).toMatchObject({ reason: expect.stringMatching(/^renew_before: /) });
  await bringForward(10);
  expect((await assignment(fleet)).movedBy).toBeNull();
  await db().pool.query(`update rotations set outcome = 'cancelled' where outcome is null`);
  await bringForward(10);
  expect(await inDays((await assignment(fleet)).dueAt)).toBe(30);
  await expiresIn(fleet, 90 * DAY);
});

test('the end that an issuer has set to the secret in use brings its slot forward like an expiry', async () => {
  await give([survey], { renewBeforeSeconds: 5 * DAY });
  const ends = (seconds: number | null) =>
    db().pool.query(
      `update secret_versions set ends_at = rekey_now() + make_interval(secs => $2)
        where credential_id = $1 and state = 'current'`,
      [survey, seconds],
    );
  await ends(20 * DAY);
  await bringForward(10);
  const brought = await assignment(survey);
  await ends(null);
  expect(brought.movedBy).toBe('expiry');
  expect(await inDays(brought.dueAt)).toBe(15);
});

test('a calendar goes on after the slot that was brought forward has taken the place of its next one', async () => {
  const now = await databaseTime();
  const cron = `0 3 ${new Date(now.getTime() + 10 * DAY * 1000).getUTCDate()} * *`;
  await give([fleet], { rhythm: { cron, timeZone: 'UTC' }, renewBeforeSeconds: 5 * DAY });
  const { slot, nextSlot } = await assignment(fleet);
  await expiresIn(fleet, 8 * DAY);
  await bringForward(10);
  const brought = await assignment(fleet);
  expect(brought.slot?.getTime()).toBeLessThan(slot?.getTime() ?? 0);
  expect(brought.nextSlot).toEqual(nextSlot);
});

test('what expires after the next slot, and what was overdue when the policy was given, brings nothing forward', async () => {
  await give([fleet, survey], { renewBeforeSeconds: 5 * DAY });
  const before = await Promise.all([assignment(fleet), assignment(survey)]);
  await expiresIn(fleet, 60 * DAY);
  await expiresIn(survey, 2 * DAY);
  await bringForward(10);
  expect(await Promise.all([assignment(fleet), assignment(survey)])).toEqual(before);
  await expiresIn(survey, 90 * DAY);
});

test('the greatest age brings a slot forward where that is wanted, and the new version counts anew', async () => {
  await give([fleet], { maxAgeSeconds: 10 * DAY, ageBringsForward: true });
  await db().pool.query(
    `update secret_versions set created_at = rekey_now(), promoted_at = null, expires_at = null where state = 'current'`,
  );
  await bringForward(10);
  expect(await inDays((await assignment(fleet)).dueAt)).toBe(10);
  await later('10 days 1 minute');
  const [started = ''] = await startAll();
  expect(await rotation(started)).toMatchObject({ reason: expect.stringMatching(/^max_age: /) });
  await advanceUntil(started, (row) => row.phase === 'overlap');
  await later('2 minutes');
  await advanceUntil(started, (row) => row.outcome === 'completed');
  await fillNextSlots(10);
  await bringForward(10);
  expect(await inDays((await assignment(fleet)).dueAt)).toBe(10);
});

/** A person rotates before the slot, and the new secret is in use and alone. */
async function rotate(credentialId: string): Promise<void> {
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 0 });
  await advanceUntil(String(rotationId), ({ outcome }) => outcome === 'completed');
}

/** Works out what is brought forward as a worker does, until nothing moves any more. */
async function settle(): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await bringForward(10);
    await fillNextSlots(10);
  }
}

const everyNinety = { rhythm: { intervalSeconds: 90 * DAY } };

test('a slot that was brought forward for a secret does not outlive it, and the new one brings its own forward', async () => {
  await give([fleet], { ...everyNinety, renewBeforeSeconds: 14 * DAY });
  await expiresIn(fleet, 60 * DAY);
  await settle();
  expect(await inDays((await assignment(fleet)).dueAt)).toBe(46);
  await later('40 days');
  await rotate(fleet);
  await expiresIn(fleet, 60 * DAY);
  await settle();
  const anew = await assignment(fleet);
  expect(anew.movedBy).toBe('expiry');
  expect(await inDays(anew.dueAt)).toBe(46);
  expect(await inDays(anew.nextDueAt)).toBe(136);
  await later('6 days 1 minute');
  expect(await startAll()).toEqual([]);
});

test.each([
  ['expires long after the next slot', '180 days'],
  ['does not expire', null],
])('a slot that was brought forward goes back to the rhythm where the new secret %s', async (_, expiry) => {
  await give([fleet], { ...everyNinety, renewBeforeSeconds: 14 * DAY });
  await expiresIn(fleet, 60 * DAY);
  await settle();
  await later('40 days');
  await rotate(fleet);
  await db().pool.query(
    `update secret_versions set expires_at = rekey_now() + $2::interval
      where credential_id = $1 and state = 'current'`,
    [fleet, expiry],
  );
  await settle();
  expect(await assignment(fleet)).toMatchObject({ movedBy: null, nextSlot: expect.any(Date) });
  expect(await inDays((await assignment(fleet)).dueAt)).toBe(90);
});

test('the age of a secret that is not the current one any more rotates nothing', async () => {
  await give([fleet], { ...everyNinety, maxAgeSeconds: 20 * DAY, ageBringsForward: true });
  await rotate(fleet);
  await settle();
  expect(await assignment(fleet)).toMatchObject({ movedBy: 'age' });
  expect(await inDays((await assignment(fleet)).dueAt)).toBe(20);
  await later('15 days');
  await rotate(fleet);
  await settle();
  expect(await inDays((await assignment(fleet)).dueAt)).toBe(20);
});

test('a calendar whose slot was brought forward for an earlier secret goes on at its own next slot', async () => {
  const now = await databaseTime();
  const cron = `0 3 ${new Date(now.getTime() + 10 * DAY * 1000).getUTCDate()} * *`;
  await give([fleet], { rhythm: { cron, timeZone: 'UTC' }, renewBeforeSeconds: 5 * DAY });
  const { slot, nextSlot } = await assignment(fleet);
  await expiresIn(fleet, 8 * DAY);
  await bringForward(10);
  await rotate(fleet);
  await expiresIn(fleet, 90 * DAY);
  await settle();
  expect(await assignment(fleet)).toMatchObject({ slot, nextSlot, movedBy: null });
});

test('a slot that was brought forward stays while its moment stands, or one before it does', async () => {
  await give([fleet], { ...everyNinety, renewBeforeSeconds: 14 * DAY });
  await expiresIn(fleet, 60 * DAY);
  await settle();
  const before = await assignment(fleet);
  await later('45 days');
  await settle();
  expect(await assignment(fleet)).toEqual(before);
  await db().pool.query('update policies set renew_before_seconds = $1', [30 * DAY]);
  await db().pool.query('update policy_assignments set since = rekey_now()');
  await settle();
  expect(await assignment(fleet)).toMatchObject({ slot: before.slot, movedBy: 'expiry' });
});

test.each([
  [
    { minSpacingSeconds: DAY, rhythm: { intervalSeconds: DAY } },
    'minSpacingSeconds',
    /kept 1 day apart, but slots come only 1 day apart/,
  ],
  [{ maxAgeSeconds: 10 * DAY }, 'maxAgeSeconds', /may be 10 days old, but the next slot comes after 30 days/],
  [
    { maxAgeSeconds: DAY, ageBringsForward: true, graceSeconds: DAY },
    'maxAgeSeconds',
    /may be 1 day old, but the version before/,
  ],
  [
    { renewBeforeSeconds: HOUR, graceSeconds: DAY },
    'renewBeforeSeconds',
    /due 1 hour before the secret expires, but both versions/,
  ],
] as const)(
  'limits that collide are refused with a sentence that names both, at the input of one of them: %o',
  async (more, field, sentence) => {
    await expect(give([], more)).rejects.toMatchObject({
      code: 'rules_collide',
      message: expect.stringMatching(sentence),
      fields: { [field]: expect.stringMatching(sentence) },
    });
  },
);
