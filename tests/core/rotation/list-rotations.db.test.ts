import { beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { searchCredentials } from '#core/credentials/search-credentials.ts';
import { listRotations } from '#core/rotation/list-rotations.ts';
import { listRunning } from '#core/rotation/list-running.ts';
import { readTrends } from '#core/rotation/read-trends.ts';
import { db } from '#lib/db.ts';
import { moveTime } from '#tests/support/database.ts';
import { addCredential, addIssuer } from '#tests/support/listed-world.ts';

const actor = system('test');

async function all(wish: Parameters<typeof listRotations>[1]): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | undefined; ; ) {
    const page = await listRotations(actor, { ...wish, after, limit: 50 });
    found.push(...page.map(({ credential }) => credential));
    after = page.at(-1)?.id;
    if (after === undefined) {
      return found;
    }
  }
}

beforeAll(async () => {
  const issuerId = await addIssuer('vendor');
  await addCredential({ name: 'held', issuerId, rotation: { phase: 'deliver', hold: 'target_unhealthy' } });
  await addCredential({ name: 'runs', issuerId, environment: 'staging', rotation: { phase: 'deliver' } });
  for (let n = 0; n < 110; n += 1) {
    await addCredential({ name: `done ${n}`, issuerId, rotation: { phase: 'prove' } });
  }
  // Many that began and ended at the same instant: a page must not lose one for it.
  await db().pool.query(
    `update rotations set outcome = 'completed', created_at = rekey_now(), ended_at = rekey_now() where phase = 'prove'`,
  );
});

test('pages hold every rotation once, the newest first, also where many began at the same instant', async () => {
  const found = await all({});
  expect(found).toHaveLength(112);
  expect(new Set(found).size).toBe(112);
});

test('rotations are found by state, environment and the name of their credential', async () => {
  expect(await all({ state: 'held' })).toEqual(['held']);
  expect(await all({ state: 'running' })).toEqual(['runs']);
  expect(await all({ environment: 'staging' })).toEqual(['runs']);
  expect(await all({ state: 'ended', q: 'DONE 42' })).toEqual(['done 42']);
  expect(await all({ state: 'rolled_back' })).toEqual([]);
  await expect(listRotations(actor, { after: 'nonsense' })).rejects.toMatchObject({ code: 'bad_input' });
});

test('the open rotations are listed with those that wait for a person first, and a dead worker is noticed', async () => {
  await db().pool.query(`insert into workers (id) values (gen_random_uuid())`);
  const alive = await listRunning(actor, {});
  expect(alive).toMatchObject({ open: 2, held: 1, workers: 1 });
  expect(alive.items.map(({ credential }) => credential)).toEqual(['held', 'runs']);
  expect(alive.items[0]?.hold).toBe('A target cannot be written.');
  await moveTime(process.env.DATABASE_URL ?? '', '16 seconds');
  expect(await listRunning(actor, {})).toMatchObject({ workers: 0 });
});

test('lists say of an open rotation what is paused, so that it waits, but not of one that goes on all the same', async () => {
  const set = (text: string) => db().pool.query(text);
  const told = async () => {
    const [row] = await listRotations(actor, { state: 'running' });
    const { items, ...counts } = await listRunning(actor, {});
    const item = items.find(({ credential }) => credential === 'runs');
    const [found] = (await searchCredentials(actor, { q: 'runs' })).items;
    return [row?.paused, item?.paused, found?.open?.paused, counts.paused];
  };
  expect(await told()).toEqual([null, null, null, 0]);
  await set(`update credentials set paused_at = rekey_now() where name in ('runs', 'done 1')`);
  expect(await told()).toEqual(['credential', 'credential', 'credential', 1]);
  await set(`update rotations set gap_started_at = rekey_now() where outcome is null`);
  expect(await told()).toEqual([null, null, null, 0]);
  const [ended] = await listRotations(actor, { state: 'ended', q: 'done 1' });
  expect(ended?.paused).toBeNull();
});

test('the trends count what ended in its week, and every secret in one group of ages', async () => {
  const { weeks, ages } = await readTrends(actor, {});
  expect(weeks).toHaveLength(12);
  expect(weeks.reduce((sum, { completed }) => sum + completed, 0)).toBe(110);
  expect(ages.reduce((sum, { credentials }) => sum + credentials, 0)).toBe(112);
  expect((await readTrends(actor, { environment: 'staging' })).ages[0]).toMatchObject({ credentials: 1 });
});

test('the answer is marked anew whenever something begins or ceases to wait for a person', async () => {
  const mark = async () => (await listRunning(actor, {})).mark;
  const seen = [await mark()];
  const change = async (sql: string) => {
    await db().pool.query(sql);
    seen.push(await mark());
  };
  await change(`update rotations set phase = 'overlap' where phase = 'deliver' and hold is null`);
  await change(
    `insert into glass_breaks (id, rotation_id, credential_id, state, requested_by, reason, until)
     select gen_random_uuid(), id, credential_id, 'asked', '{}', 'a leak', rekey_now() + interval '1 hour'
       from rotations where hold is not null`,
  );
  await change(
    `insert into findings (id, credential_id, kind, detail)
     select gen_random_uuid(), id, 'unknown_secret', 'An unknown secret.' from credentials where name = 'done 1'`,
  );
  await change(`update issuers set health = 'unhealthy'`);
  await change(
    `update rotations set hold = 'approval_pending', phase = 'preflight' where hold = 'target_unhealthy'`,
  );
  await change(
    `insert into approvals (rotation_id, user_id, name, digest)
     select id, gen_random_uuid(), 'Ada', 'digest' from rotations where hold is not null`,
  );
  await change('delete from findings');
  expect(new Set(seen).size).toBe(seen.length);
  expect(await mark()).toBe(seen.at(-1));
});
