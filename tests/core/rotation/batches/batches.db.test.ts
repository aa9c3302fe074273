import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Actor, system } from '#core/access/actor.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { advanceBatches } from '#core/rotation/batches/advance-batches.ts';
import { listBatches } from '#core/rotation/batches/list-batches.ts';
import { planBatch } from '#core/rotation/batches/plan-batch.ts';
import { readBatch } from '#core/rotation/batches/read-batch.ts';
import { resumeBatch } from '#core/rotation/batches/resume-batch.ts';
import { startBatch } from '#core/rotation/batches/start-batch.ts';
import { stopBatch } from '#core/rotation/batches/stop-batch.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { db } from '#lib/db.ts';
import { limitedActor } from '#tests/support/limited-world.ts';
import { withConnections } from '#tests/support/small-pool.ts';

/* Nothing outside is asked: what a worker would make of a rotation is written into its row. */

const actor = system('test');
const COUNT = 8;
let ids: string[] = [];

const query = async <T extends object>(text: string, values: unknown[] = []): Promise<T[]> =>
  (await db().pool.query<T>(text, values)).rows;

beforeAll(async () => {
  const config = { baseUrl: 'http://127.0.0.1:9', adminToken: 'never used' };
  const { id: issuerId } = await addIssuer(actor, { name: 'One', kind: 'surfacescout', config });
  await query(
    `insert into credentials (id, name, issuer_id, place, environment)
     select gen_random_uuid(), 'many-' || n, $1, jsonb_build_object('clientId', 'many-' || n),
            case when n = 0 then 'staging' else 'production' end
       from generate_series(0, $2 - 1) n`,
    [issuerId, COUNT],
  );
  ids = (await query<{ id: string }>('select id from credentials order by name')).map(({ id }) => id);
});

async function clear() {
  await query(`update rotations set outcome = 'cancelled', ended_at = rekey_now() where outcome is null`);
  await query('delete from batch_members');
  await query('delete from batches');
  await query('update credentials set paused_at = null, archived_at = null');
  await query('delete from policy_assignments');
  await query('delete from policies');
}
beforeEach(clear);
afterEach(clear);

const wish = (credentialIds: readonly string[]) => ({ credentialIds: [...credentialIds] });

/** Starts a batch as somebody does who has read its plan. */
async function start(
  credentialIds: readonly string[],
  more: { maxConcurrency?: number; stopOnFailure?: boolean; by?: Actor; graceSeconds?: number } = {},
): Promise<string> {
  const { by = actor, ...rest } = more;
  const { digest, count } = await planBatch(by, { ...wish(credentialIds), graceSeconds: more.graceSeconds });
  const typed = count === null ? {} : { count };
  const asked = { ...wish(credentialIds), ...rest, digest, reason: 'a leak', ...typed };
  return (await startBatch(by, asked)).batchId;
}

interface Member {
  position: number;
  credential_id: string;
  state: string;
  rotation_id: string | null;
  why_code: string | null;
}

const membersOf = (batchId: string) =>
  query<Member>('select * from batch_members where batch_id = $1 order by position', [batchId]);
const openRotations = () =>
  query<{ id: string; credential_id: string }>(
    'select id, credential_id from rotations where outcome is null order by id',
  );
const change = (rotationId: string | null | undefined, set: string) =>
  query(`update rotations set ${set} where id = $1`, [rotationId]);
const complete = (rotationId: string | null | undefined) =>
  change(rotationId, `outcome = 'completed', hold = null, ended_at = rekey_now()`);
const events = async (batchId: string) =>
  (
    await query<{ body: string }>(
      `select body from audit_events where action like 'batch.%' and body::jsonb ->> 'id' = $1 order by id`,
      [batchId],
    )
  ).map(({ body }) => JSON.parse(body) as Record<string, unknown>);

test('a plan names every credential with its strategy, or why it cannot be rotated now', async () => {
  const [open = '', paused = '', free = ''] = ids;
  await requestRotation(actor, { credentialId: open });
  await query('update credentials set paused_at = rekey_now() where id = $1', [paused]);
  const plan = await planBatch(actor, wish([open, paused, free]));
  expect(plan.members.map(({ credential, refusal }) => [credential, refusal?.code ?? null])).toEqual([
    ['many-0', 'rotation_open'],
    ['many-1', 'paused'],
    ['many-2', null],
  ]);
  expect(plan.members[1]?.refusal?.sentence).toBe('It is paused.');
  expect(plan.members[2]?.strategy).not.toBeNull();
  expect(plan).toMatchObject({ starting: 1, measured: false, count: null });
  expect(plan.etaSeconds).toBeGreaterThan(0);
});

test('the ETA follows from the last runs of each credential', async () => {
  const [first = '', second = ''] = ids;
  const run = (credentialId: string, seconds: number) =>
    query(
      `insert into rotations (id, credential_id, strategy, phase, outcome, priority, requested_by, plan_digest,
                              grace_seconds, predicted_gap_seconds, created_at, ended_at)
       values (gen_random_uuid(), $1, 'overlap', 'prove', 'completed', 'manual', '{}', 'd', 0, 0,
               rekey_now() - make_interval(secs => $2), rekey_now())`,
      [credentialId, seconds],
    );
  try {
    for (const seconds of [40, 60, 1000]) await run(first, seconds);
    await run(second, 30);
    const one = await planBatch(actor, { ...wish([first, second]), maxConcurrency: 1 });
    expect(one).toMatchObject({ etaSeconds: 90, measured: true });
    const two = await planBatch(actor, { ...wish([first, second]), maxConcurrency: 2 });
    expect(two.etaSeconds).toBe(60);
  } finally {
    await query(`delete from rotations where outcome = 'completed'`);
  }
});

test('what was not read is not started: another list than the one of the digest is refused, and nothing is stored', async () => {
  const [first = '', second = '', third = ''] = ids;
  const { digest } = await planBatch(actor, wish([first, second]));
  const ask = (credentialIds: string[]) =>
    startBatch(actor, { ...wish(credentialIds), digest, reason: 'a leak' });
  await expect(ask([first, second, third])).rejects.toMatchObject({ status: 409, code: 'batch_changed' });
  await expect(ask([first, third])).rejects.toMatchObject({ code: 'batch_changed' });
  await query('update credentials set paused_at = rekey_now() where id = $1', [second]);
  await expect(ask([first, second])).rejects.toMatchObject({ code: 'batch_changed' });
  expect(await query('select 1 from batches')).toEqual([]);
  await query('update credentials set paused_at = null');
  await expect(ask([first, second])).resolves.toMatchObject({ batchId: expect.any(String) });
});

test('more than five in production are started only by somebody who types how many they are', async () => {
  const { digest, count } = await planBatch(actor, wish(ids));
  expect(count).toBe(COUNT);
  const asked = { ...wish(ids), digest, reason: 'a leak' };
  await expect(startBatch(actor, asked)).rejects.toMatchObject({ status: 400, code: 'count_needed' });
  await expect(startBatch(actor, { ...asked, count: 7 })).rejects.toMatchObject({ code: 'count_needed' });
  expect(await query('select 1 from batches')).toEqual([]);
  await startBatch(actor, { ...asked, count: COUNT });
});

test('two batches started at the same moment share no credential', async () => {
  const few = ids.slice(0, 4);
  const { digest } = await planBatch(actor, wish(few));
  const asked = { ...wish(few), digest, reason: 'a leak' };
  const both = await Promise.allSettled([startBatch(actor, asked), startBatch(actor, asked)]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(await query('select 1 from batch_members')).toHaveLength(4);
});

test('a batch is started and carried on where the database has one connection for everything', async () => {
  const few = ids.slice(0, 2);
  await withConnections(1, async () => {
    const batchId = await start(few);
    expect(await advanceBatches()).toHaveLength(2);
    expect((await membersOf(batchId)).map(({ state }) => state)).toEqual(['started', 'started']);
  });
});

test('workers that carry a batch on at the same moment start each member once, and never more than the batch allows', async () => {
  const batchId = await start(ids, { maxConcurrency: 3 });
  const started: string[] = [];
  while (started.length < COUNT) {
    const rounds = await Promise.all(Array.from({ length: 5 }, () => advanceBatches()));
    started.push(...rounds.flat());
    const open = await openRotations();
    expect(open.length).toBeGreaterThan(0);
    expect(open.length).toBeLessThanOrEqual(3);
    // One ends, and its place is taken again.
    await complete(open[0]?.id);
  }
  expect(new Set(started).size).toBe(COUNT);
  const members = await membersOf(batchId);
  expect(members.map(({ rotation_id }) => rotation_id).toSorted()).toEqual(started.toSorted());
  expect(new Set(members.map(({ credential_id }) => credential_id)).size).toBe(COUNT);
  expect(
    await query<{ n: number }>(`select count(*)::int as n from rotations where id = any($1::uuid[])`, [
      started,
    ]),
  ).toEqual([{ n: COUNT }]);
});

test('a worker that dies in the middle of a start has started nothing, and the next one starts it once', async () => {
  const batchId = await start(ids.slice(0, 2), { maxConcurrency: 2 });
  const blocker = await db().pool.connect();
  try {
    await blocker.query('begin');
    await blocker.query('select 1 from batch_members where batch_id = $1 and position = 0 for update', [
      batchId,
    ]);
    // It has stored the rotations, and waits to say so.
    const dying = advanceBatches();
    let pid: number | undefined;
    while (pid === undefined) {
      const blocked = await query<{ pid: number }>(
        `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
            and query like '%update batch_members%'`,
      );
      pid = blocked[0]?.pid;
    }
    await query('select pg_terminate_backend($1)', [pid]);
    expect(await dying).toEqual([]);
  } finally {
    await blocker.query('rollback');
    blocker.release();
  }
  expect(await openRotations()).toEqual([]);
  expect((await membersOf(batchId)).map(({ state }) => state)).toEqual(['waiting', 'waiting']);
  expect(await advanceBatches()).toHaveLength(2);
  expect(await advanceBatches()).toEqual([]);
  expect(await openRotations()).toHaveLength(2);
});

test('a rotation of a batch is asked for by whoever started it, with the reason and at the priority of a person', async () => {
  const ada = limitedActor(undefined);
  await start(ids.slice(0, 1), { by: ada, graceSeconds: 3600 });
  const [rotationId] = await advanceBatches();
  const rotation = await db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId ?? '' } });
  expect(rotation).toMatchObject({
    priority: 'manual',
    reason: 'a leak',
    requestedBy: { name: 'Ada', id: ada.id },
  });
});

/** Two credentials: the policy of the first keeps the old version for an hour, ten minutes after use; the second has none. */
async function oneWithPolicy(): Promise<{ few: string[]; policyId: string }> {
  const few = ids.slice(0, 2);
  const rhythm = { intervalSeconds: 30 * 86_400 };
  const { id: policyId } = await createPolicy(actor, {
    name: 'Hourly',
    rhythm,
    graceSeconds: 3600,
    graceAfterUseSeconds: 600,
  });
  await assignPolicy(actor, { credentialId: few[0] ?? '', policyId });
  return { few, policyId };
}

const keptOf = (batchId: string) =>
  query<{ grace_seconds: number; grace_after_use_seconds: number | null }>(
    `select r.grace_seconds, r.grace_after_use_seconds from batch_members m join rotations r on r.id = m.rotation_id
      where m.batch_id = $1 order by m.position`,
    [batchId],
  );

test('without a wish a batch keeps each old version as its policy says, its end after use too, or else a day', async () => {
  const { few } = await oneWithPolicy();
  const { members } = await planBatch(actor, wish(few));
  expect(members).toMatchObject([
    { graceSeconds: 3600, graceAfterUseSeconds: 600 },
    { graceSeconds: 86_400, graceAfterUseSeconds: null },
  ]);
  const batchId = await start(few);
  await advanceBatches();
  expect(await keptOf(batchId)).toEqual([
    { grace_seconds: 3600, grace_after_use_seconds: 600 },
    { grace_seconds: 86_400, grace_after_use_seconds: null },
  ]);
  expect((await readBatch(actor, { batchId })).graceSeconds).toBeNull();
});

test('a grace period that is wished for a batch is that of each, whatever its policy says', async () => {
  const { few } = await oneWithPolicy();
  const batchId = await start(few, { graceSeconds: 7200 });
  await advanceBatches();
  const wished = { grace_seconds: 7200, grace_after_use_seconds: null };
  expect(await keptOf(batchId)).toEqual([wished, wished]);
  expect((await readBatch(actor, { batchId })).graceSeconds).toBe(7200);
});

test('a batch whose old versions would be kept for another time than was read is refused', async () => {
  const { few, policyId } = await oneWithPolicy();
  const { digest } = await planBatch(actor, wish(few));
  const asked = { ...wish(few), digest, reason: 'a leak' };
  const changed = { status: 409, code: 'batch_changed' };
  await expect(startBatch(actor, { ...asked, graceSeconds: 0 })).rejects.toMatchObject(changed);
  for (const set of ['grace_seconds = 7200', 'grace_after_use_seconds = null']) {
    await query(`update policies set ${set} where id = $1`, [policyId]);
    await expect(startBatch(actor, asked)).rejects.toMatchObject(changed);
    await query('update policies set grace_seconds = 3600, grace_after_use_seconds = 600 where id = $1', [
      policyId,
    ]);
  }
  expect(await query('select 1 from batches')).toEqual([]);
  await expect(startBatch(actor, asked)).resolves.toMatchObject({ batchId: expect.any(String) });
});

test('a rotation in its overlap, or one that waits for people, keeps no other waiting', async () => {
  const batchId = await start(ids.slice(0, 4), { maxConcurrency: 1 });
  const ends: [string, string][] = [
    [`phase = 'overlap', overlap_ends_at = rekey_now() + interval '1 day'`, 'overlap'],
    [`hold = 'approval_pending'`, 'needs_people'],
    [`phase = 'await_secret'`, 'needs_people'],
  ];
  for (const [index, [set]] of ends.entries()) {
    const [rotationId] = await advanceBatches();
    expect(await advanceBatches()).toEqual([]);
    expect((await membersOf(batchId))[index]?.rotation_id).toBe(rotationId);
    await change(rotationId, set);
  }
  expect(await advanceBatches()).toHaveLength(1);
  const { members, state, counts } = await readBatch(actor, { batchId });
  expect(members.map(({ standing }) => standing)).toEqual([
    'overlap',
    'needs_people',
    'needs_people',
    'working',
  ]);
  expect({ state, failed: counts.failed }).toEqual({ state: 'running', failed: 0 });
});

test.each([
  ['held', `hold = 'target_unhealthy', hold_detail = 'Vault is sealed.'`, 'Vault is sealed.'],
  ['rolled back', `outcome = 'rolled_back', ended_at = rekey_now()`, 'rolled back'],
  ['cancelled', `outcome = 'cancelled', ended_at = rekey_now()`, 'cancelled'],
])(
  'a batch stops at the first rotation that is %s, names it and what to do, and what runs goes on',
  async (_how, set, said) => {
    const batchId = await start(ids.slice(0, 4), { maxConcurrency: 2 });
    const [first] = await advanceBatches();
    await change(first, set);
    expect(await advanceBatches()).toEqual([]);
    expect(await advanceBatches()).toEqual([]);
    const batch = await readBatch(actor, { batchId });
    expect(batch).toMatchObject({ state: 'stopped', counts: { waiting: 2, working: 1, failed: 1 } });
    expect(batch.stopWhy).toContain('many-0 failed');
    expect(batch.stopWhy).toContain(said);
    expect(batch.stopWhy).toContain('let the batch go on');
    expect((await events(batchId)).at(-1)).toMatchObject({
      action: 'batch.stopped',
      credential: 'many-0',
      waiting: 2,
    });
  },
);

test('a batch that a person lets go on does not stop at the same failure again, but at a new one of the same rotation', async () => {
  const batchId = await start(ids.slice(0, 5), { maxConcurrency: 1 });
  const [first] = await advanceBatches();
  await change(first, `hold = 'target_unhealthy'`);
  await advanceBatches();
  await resumeBatch(actor, { batchId });
  const [second] = await advanceBatches();
  expect(second).toBeDefined();
  await complete(second);
  // It is repaired, goes on, and fails again.
  await change(first, 'hold = null');
  await advanceBatches();
  await change(first, `hold = 'delivery_exhausted'`);
  await advanceBatches();
  expect(await readBatch(actor, { batchId })).toMatchObject({ state: 'stopped', counts: { waiting: 3 } });
  expect((await events(batchId)).map(({ action }) => action)).toEqual([
    'batch.started',
    'batch.stopped',
    'batch.resumed',
    'batch.stopped',
  ]);
});

test('a batch that is not to stop at a failure goes on, and one that is held takes no place', async () => {
  const batchId = await start(ids.slice(0, 2), { maxConcurrency: 1, stopOnFailure: false });
  const [first] = await advanceBatches();
  await change(first, `hold = 'target_unhealthy'`);
  const [second] = await advanceBatches();
  await complete(second);
  await advanceBatches();
  expect((await readBatch(actor, { batchId })).state).toBe('running');
  await change(first, `outcome = 'rolled_back', hold = null, ended_at = rekey_now()`);
  await advanceBatches();
  expect(await readBatch(actor, { batchId })).toMatchObject({ state: 'completed', etaSeconds: null });
  expect((await events(batchId)).at(-1)).toMatchObject({
    action: 'batch.completed',
    outcome: 'failure',
    completed: 1,
    failed: 1,
    skipped: 0,
  });
});

test('a stopped batch starts nothing, and goes on where it stopped', async () => {
  const batchId = await start(ids.slice(0, 3), { maxConcurrency: 1 });
  const [first] = await advanceBatches();
  await stopBatch(actor, { batchId, reason: 'lunch' });
  await complete(first);
  expect(await advanceBatches()).toEqual([]);
  expect(await readBatch(actor, { batchId })).toMatchObject({
    state: 'stopped',
    stopWhy: 'test stopped it: lunch',
  });
  await expect(stopBatch(actor, { batchId, reason: 'lunch' })).rejects.toMatchObject({ code: 'not_now' });
  await resumeBatch(actor, { batchId });
  await expect(resumeBatch(actor, { batchId })).rejects.toMatchObject({ code: 'not_now' });
  expect(await advanceBatches()).toHaveLength(1);
});

test('what began to rotate, was rotated or was archived meanwhile is skipped with why; what is paused keeps its turn', async () => {
  const [first = '', open = '', rotated = '', archived = '', paused = '', last = ''] = ids;
  const batchId = await start([first, open, rotated, archived, paused, last], { maxConcurrency: 1 });
  const [running] = await advanceBatches();
  await requestRotation(actor, { credentialId: open });
  await query(
    `insert into secret_versions (id, credential_id, n, state, sealed, fingerprint, promoted_at)
     values (gen_random_uuid(), $1, 1, 'current', 'never opened', 'f', rekey_now() + interval '1 second')`,
    [rotated],
  );
  await query('update credentials set archived_at = rekey_now() where id = $1', [archived]);
  await query('update credentials set paused_at = rekey_now() where id = $1', [paused]);
  await complete(running);
  for (let round = 0; round < 5; round += 1) await advanceBatches();
  await query('delete from secret_versions where credential_id = $1', [rotated]);
  expect((await membersOf(batchId)).map(({ state, why_code }) => [state, why_code])).toEqual([
    ['started', null],
    ['skipped', 'rotation_open'],
    ['skipped', 'rotated_meanwhile'],
    ['skipped', 'archived'],
    ['waiting', null],
    ['started', null],
  ]);
  expect((await readBatch(actor, { batchId })).members[1]?.why).toContain('rotated already');
});

test('rotations that are paused lend their places to others, and take them back when they are let go on', async () => {
  const { id: other } = await addIssuer(actor, {
    name: 'Another',
    kind: 'surfacescout',
    config: { baseUrl: 'http://127.0.0.1:9', adminToken: 'never used' },
  });
  const [first = '', second = '', third = ''] = ids;
  const issuerOf = 'update credentials set issuer_id = $2 where id = $1';
  const [{ issuer_id: one } = { issuer_id: '' }] = await query<{ issuer_id: string }>(
    'select issuer_id from credentials where id = $1',
    [first],
  );
  await query(issuerOf, [first, other]);
  try {
    const batchId = await start([first, second, third], { maxConcurrency: 1 });
    const [running] = await advanceBatches();
    const pause = (what: string) => query(`update issuers set paused_at = ${what} where id = $1`, [other]);
    await pause('rekey_now()');
    // What stands in a gap goes on in a pause, and so does its place.
    await change(running, 'gap_started_at = rekey_now()');
    expect(await advanceBatches()).toEqual([]);
    await change(running, 'gap_started_at = null');
    const [next] = await advanceBatches();
    expect((await membersOf(batchId)).map(({ state }) => state)).toEqual(['started', 'started', 'waiting']);
    await pause('null');
    await complete(next);
    expect(await advanceBatches()).toEqual([]);
    await complete(running);
    expect(await advanceBatches()).toHaveLength(1);
  } finally {
    await query(issuerOf, [first, one]);
  }
});

test('the audit names every credential of a batch, those that were skipped too', async () => {
  const [open = '', free = ''] = ids;
  await requestRotation(actor, { credentialId: open });
  const batchId = await start([open, free]);
  expect(await events(batchId)).toMatchObject([
    { action: 'batch.started', credentials: ['many-1'], skipped: ['many-0'], reason: 'a leak' },
  ]);
});

test('whoever is limited plans, starts, sees and stops only batches of credentials within their limits', async () => {
  const [staging = '', production = ''] = ids;
  const ada = limitedActor({ environments: ['staging'], labels: [] });
  const hidden = { status: 404, code: 'not_found' };
  await expect(planBatch(ada, wish([staging, production]))).rejects.toMatchObject(hidden);
  const { digest } = await planBatch(actor, wish([staging, production]));
  const asked = { ...wish([staging, production]), digest, reason: 'a leak' };
  await expect(startBatch(ada, asked)).rejects.toMatchObject(hidden);
  const both = await start([staging, production]);
  for (const call of [
    () => readBatch(ada, { batchId: both }),
    () => stopBatch(ada, { batchId: both, reason: 'no' }),
    () => resumeBatch(ada, { batchId: both }),
  ]) {
    await expect(call()).rejects.toMatchObject(hidden);
  }
  expect(await listBatches(ada, {})).toEqual([]);
  await clear();
  const own = await start([staging], { by: ada });
  expect((await listBatches(ada, {})).map(({ id }) => id)).toEqual([own]);
  await stopBatch(ada, { batchId: own, reason: 'mine' });
  expect((await readBatch(ada, { batchId: own })).state).toBe('stopped');
});
