import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { fillNextSlots } from '#core/policies/fill-next-slots.ts';
import { findDueRotations } from '#core/rotation/find-due-rotations.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { ringDueRotations, startAllDue } from '#core/rotation/ring-due-rotations.ts';
import { startDueRotations } from '#core/rotation/start-due-rotation.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { db } from '#lib/db.ts';
import { answerRings, countRings, openQueue, ringAll } from '#lib/queue.ts';
import { moveTime } from '#tests/support/database.ts';

/* Many slots that are due at once. Nothing outside is asked, so the issuers need not answer. */

const actor = system('test');
const HOUR = 3600;
const COUNT = 12;
const ids: string[] = [];
let number = 0;

beforeAll(async () => {
  const config = { baseUrl: 'http://127.0.0.1:9', adminToken: 'never used' };
  const receiver = {
    url: 'http://127.0.0.1:9/',
    signingSecret: `whsec_${Buffer.alloc(24, 7).toString('base64')}`,
  };
  const issuers = [
    await addIssuer(actor, { name: 'One', kind: 'surfacescout', config }),
    await addIssuer(actor, { name: 'Two', kind: 'surfacescout', config }),
  ];
  const { id: targetId } = await addTarget(actor, { name: 'Receiver', kind: 'webhook', config: receiver });
  const { rows } = await db().pool.query<{ id: string }>(
    `insert into credentials (id, name, issuer_id, place, environment)
     select gen_random_uuid(), 'many-' || n, ($1::uuid[])[1 + n % 2], jsonb_build_object('clientId', 'many-' || n), 'test'
       from generate_series(0, $2 - 1) n returning id`,
    [issuers.map(({ id }) => id), COUNT],
  );
  ids.push(...rows.map(({ id }) => id));
  await db().pool.query(
    `insert into bindings (id, credential_id, target_id, place, fields, needs)
     select gen_random_uuid(), id, $1, '{}', '{"clientSecret": "SECRET"}', 'none' from credentials`,
    [targetId],
  );
});

const query = async <T extends object>(text: string, values: unknown[] = []): Promise<T[]> =>
  (await db().pool.query<T>(text, values)).rows;

let queue: ReturnType<typeof openQueue>;
beforeAll(() => {
  queue = openQueue();
});
afterAll(() => queue.close());

beforeEach(async () => {
  await query(`update rotations set outcome = 'cancelled', ended_at = rekey_now() where outcome is null`);
  await query('delete from skips');
  await query('delete from policy_assignments');
  await query('update issuers set scheduled_start_at = null');
  await queue.drain();
});

const later = (interval: string) => moveTime(process.env.DATABASE_URL ?? '', interval);
const skips = () =>
  query<{ credential_id: string; reason: string }>('select credential_id, reason from skips');
const open = () =>
  query<{ id: string; credential_id: string }>(
    'select id, credential_id from rotations where outcome is null',
  );

async function give(some: readonly string[], more: Partial<Parameters<typeof createPolicy>[1]> = {}) {
  number += 1;
  const wish = { name: `many ${number}`, rhythm: { intervalSeconds: 24 * HOUR }, graceSeconds: 60, ...more };
  const { id: policyId } = await createPolicy(actor, wish);
  for (const credentialId of some) await assignPolicy(actor, { credentialId, policyId });
  await fillNextSlots(100);
  return policyId;
}

const eventsOf = (rotationIds: readonly string[]) =>
  query<{ rotation_id: string }>(
    `select rotation_id from audit_events where action = 'rotation.requested' and rotation_id = any($1::uuid[])`,
    [rotationIds],
  );

test('many slots that are due at once start one rotation each, with one event each, and move on to their next slot', async () => {
  await give(ids);
  await later('24 hours 1 minute');
  const { started, more } = await startDueRotations(100);
  expect(more).toBe(false);
  expect(new Set(started).size).toBe(COUNT);
  expect((await open()).map(({ id }) => id).toSorted()).toEqual(started.toSorted());
  expect((await eventsOf(started)).map((event) => event.rotation_id).toSorted()).toEqual(started.toSorted());
  expect(await query('select 1 from policy_assignments where due_at > rekey_now()')).toHaveLength(COUNT);
  expect(await startDueRotations(100)).toEqual({ started: [], more: false });
});

test('workers that claim small batches at the same moment start every slot once', async () => {
  await give(ids);
  await later('24 hours 1 minute');
  const claims: { started: string[] }[] = [];
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      for (let more = true; more; ) {
        const batch = await startDueRotations(2);
        claims.push(batch);
        more = batch.more;
      }
    }),
  );
  const started = claims.flatMap((claim) => claim.started);
  expect(new Set(started).size).toBe(started.length);
  expect(started).toHaveLength(COUNT);
  expect(await skips()).toEqual([]);
});

test('in one batch a paused credential, an open rotation and a lost key are skips with their reasons, and the others start', async () => {
  await give(ids);
  const [paused = '', busy = '', lost = ''] = ids;
  await requestRotation(actor, { credentialId: busy, graceSeconds: 0 });
  await query('update credentials set paused_at = rekey_now() where id = $1', [paused]);
  const [before] = await query<{ sealed: string | null }>('select sealed from credentials where id = $1', [
    lost,
  ]);
  await query(`update credentials set sealed = 'v1.lost.aa.bb' where id = $1`, [lost]);
  await later('24 hours 1 minute');
  const { started } = await startDueRotations(100);
  await query('update credentials set paused_at = null');
  await query('update credentials set sealed = $2 where id = $1', [lost, before?.sealed]);
  expect(started).toHaveLength(COUNT - 3);
  const reasons = new Map((await skips()).map((skip) => [skip.credential_id, skip.reason]));
  expect(reasons).toEqual(
    new Map([
      [paused, 'paused'],
      [busy, 'previous_overlap_open'],
      [lost, 'unplannable'],
    ]),
  );
});

test('a slot that makes its batch fail keeps no other waiting, and is tried again in a minute', async () => {
  await give(ids);
  await later('24 hours 1 minute');
  const [bad = ''] = ids;
  // A row that no use case writes: due, but for no slot.
  await query(
    `update policy_assignments set slot = null, due_at = due_at - interval '1 second' where credential_id = $1`,
    [bad],
  );
  const { started } = await startDueRotations(100);
  expect(started).toHaveLength(COUNT - 1);
  const [put] = await query<{ ahead: boolean }>(
    `select due_at between rekey_now() and rekey_now() + interval '61 seconds' as ahead
       from policy_assignments where credential_id = $1`,
    [bad],
  );
  expect(put?.ahead).toBe(true);
});

test('in one batch starts at one issuer stay apart, and the other issuer need not wait for them', async () => {
  await give(ids, { minSpacingSeconds: HOUR });
  await later('24 hours 1 minute');
  const started: string[] = [];
  for (let n = 0; n < 3; n += 1) started.push(...(await startDueRotations(100)).started);
  expect(started).toHaveLength(2);
  const waiting = await query<{ n: number }>(
    `select count(*)::int as n from policy_assignments
      where moved_by = 'min_spacing' and due_at > rekey_now() + interval '59 minutes'`,
  );
  expect(waiting).toEqual([{ n: COUNT - 2 }]);
});

test('where the one before did not start after all, the next one at its issuer does not wait for it', async () => {
  const [first = '', , second = ''] = ids;
  await give([first, second], { minSpacingSeconds: HOUR });
  await query(
    `update policy_assignments set due_at = due_at - interval '1 minute' where credential_id = $1`,
    [first],
  );
  await query(`update credentials set sealed = 'v1.lost.aa.bb' where id = $1`, [first]);
  await later('24 hours 1 minute');
  const started = [...(await startDueRotations(100)).started, ...(await startDueRotations(100)).started];
  await query('update credentials set sealed = null where id = $1', [first]);
  expect((await open()).map(({ id, credential_id }) => [id, credential_id])).toEqual([[started[0], second]]);
});

test('an idle credential costs the queue nothing: it holds an entry for each started rotation and none before', async () => {
  await give(ids);
  expect(await startAllDue(() => false)).toBe(0);
  expect(await ringDueRotations()).toEqual([]);
  expect(await queue.getJobs()).toEqual([]);
  await later('24 hours 1 minute');
  expect(await startAllDue(() => false)).toBe(COUNT);
  expect((await queue.getJobs()).length).toBe(COUNT);
});

test('a queue that was emptied is rung again for every rotation that is due, and one that was not holds no entry twice', async () => {
  await give(ids);
  await later('24 hours 1 minute');
  await startAllDue(() => false);
  const rotationIds = (await open()).map(({ id }) => id).toSorted();
  const rung = async () => (await queue.getJobs()).map((entry) => entry.data.rotationId).toSorted();
  await queue.drain();
  expect(await rung()).toEqual([]);
  for (let n = 0; n < 2; n += 1) {
    expect(await ringDueRotations()).toEqual([]);
    expect(await rung()).toEqual(rotationIds);
  }
});

test('an entry that a worker took and died with keeps nothing waiting: the sweep hands its rotation over after seconds', async () => {
  await give(ids);
  await later('24 hours 1 minute');
  await startAllDue(() => false);
  let taken = 0;
  const dead = answerRings(COUNT, () => {
    taken += 1;
    return new Promise<void>(() => {});
  });
  await expect.poll(() => taken, { timeout: 20_000 }).toBe(COUNT);
  expect(await ringDueRotations()).toEqual([]);
  await later('6 seconds');
  const forgotten = (await open()).map(({ id }) => id).toSorted();
  expect((await ringDueRotations()).toSorted()).toEqual(forgotten);
  void dead.close();
  await query(`delete from bullmq.job`);
});

test('the sweep finds breaches before manual rotations before scheduled ones, page by page and each once', async () => {
  await give(ids);
  await later('24 hours 1 minute');
  await startDueRotations(100);
  const rotations = await open();
  await query(`update rotations set priority = 'breach' where id = any($1::uuid[])`, [
    rotations.slice(6, 9).map(({ id }) => id),
  ]);
  await query(`update rotations set priority = 'manual' where id = any($1::uuid[])`, [
    rotations.slice(2, 5).map(({ id }) => id),
  ]);
  const found: string[] = [];
  const ranks: number[] = [];
  let page = await findDueRotations(5);
  for (let last = page.at(-1); last !== undefined; last = page.at(-1)) {
    found.push(...page.map(({ rotationId }) => rotationId));
    ranks.push(...page.map(({ rank }) => rank));
    page = await findDueRotations(5, last);
  }
  expect(found.toSorted()).toEqual(rotations.map(({ id }) => id).toSorted());
  expect(ranks).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 3]);
});

test('more than one page of lost entries is rung again whole, and a long queue that lost none is not rung anew', async () => {
  const MANY = 1200;
  await query(
    `with many as (insert into credentials (id, name, issuer_id, place, environment)
                   select gen_random_uuid(), 'page-' || n, (select id from issuers limit 1), '{}', 'test'
                     from generate_series(1, $1::int) n returning id)
     insert into rotations (id, credential_id, strategy, phase, priority, requested_by, plan_digest, grace_seconds,
                            predicted_gap_seconds)
     select id, id, 'overlap', 'preflight', 'scheduled', '{}', '', 60, 0 from many`,
    [MANY],
  );
  for (let n = 0; n < 2; n += 1) {
    expect(await ringDueRotations()).toEqual([]);
    expect(await countRings()).toBe(MANY);
  }
  await queue.drain();
  // Others wait already: only the most urgent are rung for, the rest is looked at when the queue gets short.
  await ringAll(Array.from({ length: 600 }, (_, n) => ({ rotationId: `other-${n}`, fence: '0' })));
  await ringDueRotations();
  expect(await countRings()).toBe(600 + 500);
});
