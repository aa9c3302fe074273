import { afterAll, beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { listUpcoming } from '#core/policies/list-upcoming.ts';
import { moveNextRun } from '#core/policies/move-next-run.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { databaseTime } from '#lib/clock.ts';
import { db } from '#lib/db.ts';
import { advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';

const actor = system('test');
const DAY = 86_400_000;
let sample: Sample;
let fleet: string;
let survey: string;

beforeAll(async () => {
  sample = await startSample();
  fleet = await sample.credentialId('fleet-api');
  survey = await sample.credentialId('survey-importer');
  const reason = 'year end';
  const now = await databaseTime();
  const from = new Date(now.getTime() + 9 * DAY).toISOString();
  const to = new Date(now.getTime() + 10 * DAY).toISOString();
  const { id: policyId } = await createPolicy(actor, {
    name: 'daily',
    rhythm: { intervalSeconds: 86_400 },
    graceSeconds: 60,
    rules: { blackouts: [{ from, to, reason }] },
  });
  await assignPolicy(actor, { credentialId: fleet, policyId });
  await assignPolicy(actor, { credentialId: survey, policyId });
});
afterAll(() => sample.close());

async function upcoming(days: number, environment?: string) {
  const now = await databaseTime();
  const to = new Date(now.getTime() + days * DAY + 60_000).toISOString();
  return listUpcoming(actor, { from: now.toISOString(), to, environment });
}

test('the next days show every run of every credential with a policy, the stored one first', async () => {
  const { runs, isCut } = await upcoming(3);
  const ofFleet = runs.filter(({ credentialId }) => credentialId === fleet);
  expect(ofFleet.map(({ isSet }) => isSet)).toEqual([true, false, false]);
  expect(runs).toHaveLength(6);
  expect(isCut).toBe(false);
  expect(ofFleet[0]).toMatchObject({
    credential: 'fleet-api',
    policy: 'daily',
    graceSeconds: 60,
    pausedBy: null,
  });
});

test('a blackout is shown with its reason, and what would run in it is shown after it', async () => {
  const { runs, blackouts } = await upcoming(12);
  expect(blackouts).toMatchObject([{ policy: 'daily', reason: 'year end', credentials: 2 }]);
  const [blackout] = blackouts;
  expect(runs.filter(({ at }) => at >= (blackout?.from ?? '') && at < (blackout?.to ?? ''))).toEqual([]);
  expect(runs.some(({ at }) => at === blackout?.to)).toBe(true);
});

test('credentials with one label app:… collide, and so do those that lie in one place of one target', async () => {
  expect((await upcoming(1)).collisions).toEqual([]);
  await db().prisma.credential.updateMany({ data: { labels: ['app:shop', 'tier:1'] } });
  const labelled = (await upcoming(1)).collisions;
  expect(labelled).toMatchObject([{ application: 'app:shop' }]);
  expect(labelled[0]?.runs.map(({ credential }) => credential).sort()).toEqual([
    'fleet-api',
    'survey-importer',
  ]);
  await db().prisma.credential.updateMany({ data: { labels: [] } });
  const bound = await db().prisma.binding.findFirstOrThrow({ where: { credentialId: fleet } });
  const before = await db().prisma.binding.findFirstOrThrow({ where: { credentialId: survey } });
  const place = bound.place as { path: string };
  await db().prisma.binding.update({ where: { id: before.id }, data: { targetId: bound.targetId, place } });
  expect((await upcoming(1)).collisions).toHaveLength(1);
  const data = { targetId: before.targetId, place: before.place as { path: string } };
  await db().prisma.binding.update({ where: { id: before.id }, data });
});

test('an overlap that is open is shown from the promotion to its end', async () => {
  expect((await upcoming(1)).overlaps).toEqual([]);
  const { rotationId } = await requestRotation(actor, { credentialId: fleet, graceSeconds: 7200 });
  await advanceUntil(rotationId, (row) => row.phase === 'overlap');
  const [overlap] = (await upcoming(1)).overlaps;
  expect(overlap).toMatchObject({ rotationId, credential: 'fleet-api', held: false });
  expect(Date.parse(overlap?.to ?? '') - Date.parse(overlap?.from ?? '')).toBeCloseTo(7_200_000, -4);
});

test('a run of a calendar that was moved earlier is not followed by the one whose place it took', async () => {
  const credentialId = await sample.credentialId('report-builder');
  const now = await databaseTime();
  const weekday = new Date(now.getTime() + 4 * DAY).getUTCDay();
  const rhythm = { cron: `0 3 * * ${weekday}`, timeZone: 'UTC' };
  const { id: policyId } = await createPolicy(actor, { name: 'weekly', rhythm, graceSeconds: 60 });
  await assignPolicy(actor, { credentialId, policyId });
  const startsOf = async () =>
    (await upcoming(14)).runs.filter((run) => run.credentialId === credentialId).map(({ at }) => at);
  const [first = '', second = ''] = await startsOf();
  const at = new Date(Date.parse(first) - 2 * DAY).toISOString();
  await moveNextRun(actor, { credentialId, at });
  expect(await startsOf()).toEqual([at, second]);
  await db().prisma.policyAssignment.delete({ where: { credentialId } });
});

test('what is paused, archived or of a policy that is off says so or is left out', async () => {
  await db().prisma.credential.update({ where: { id: survey }, data: { pausedAt: new Date() } });
  const { runs } = await upcoming(1);
  expect(runs.map(({ credential, pausedBy }) => [credential, pausedBy]).sort()).toEqual([
    ['fleet-api', null],
    ['survey-importer', 'credential'],
  ]);
  await db().prisma.policy.updateMany({ data: { enabled: false } });
  expect(await upcoming(1)).toMatchObject({ runs: [], blackouts: [], collisions: [] });
  await db().prisma.policy.updateMany({ data: { enabled: true } });
});

test('what comes in one environment is found behind more of another than are listed', async () => {
  await db().pool.query(
    `with made as (
       insert into credentials (id, name, issuer_id, place, environment)
       select gen_random_uuid(), 'many-' || n, c.issuer_id, '{}', case when n = 0 then 'lab' else 'mill' end
         from credentials c, generate_series(0, 2001) n where c.id = $1
       returning id, environment
     )
     insert into policy_assignments (credential_id, policy_id, slot, due_at)
     select made.id, a.policy_id, soon.at, soon.at from made, policy_assignments a,
       lateral (select rekey_now() + make_interval(hours => case when environment = 'lab' then 12 else 1 end) as at) soon
      where a.credential_id = $1`,
    [fleet],
  );
  expect(await upcoming(1)).toMatchObject({ isCut: true, overlaps: [{ credential: 'fleet-api' }] });
  const lab = await upcoming(1, 'lab');
  expect(lab.runs.map(({ credential }) => credential)).toEqual(['many-0']);
  expect(lab).toMatchObject({ isCut: false, overlaps: [] });
  expect((await upcoming(1, 'mill')).isCut).toBe(true);
});

test('a range that ends before it begins, or of years, is refused with a sentence', async () => {
  const ask = (from: string, to: string) => listUpcoming(actor, { from, to });
  await expect(ask('2026-12-02T00:00:00Z', '2026-12-01T00:00:00Z')).rejects.toMatchObject({
    code: 'bad_range',
  });
  await expect(ask('2026-12-02T00:00:00Z', '2029-12-01T00:00:00Z')).rejects.toThrow(/at most 92 days/);
});
