import type { PoolClient } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { db } from '#lib/db.ts';
import { type Sample, startSample } from '#tests/support/sample.ts';

/* A worker's connection plans its statements while few rotations are open, and keeps the plans when many are. */

const OPEN = 300;

let sample: Sample;
let rotationId: string;
let client: PoolClient;

beforeAll(async () => {
  sample = await startSample();
  const credentialId = await sample.credentialId('fleet-api');
  rotationId = (await requestRotation(system('test'), { credentialId })).rotationId;
  client = await db().pool.connect();
});
afterAll(async () => {
  client.release();
  await sample.close();
});

const claim = () => client.query('select fence from claim_rotation($1, 30)', [rotationId]);
const commit = () =>
  client.query(
    `select * from commit_step($1, 1, 'preflight', 30, '{"rotation": {"lease_until": null}}', '[]')`,
    [rotationId],
  );

async function openMany(): Promise<void> {
  await db().pool.query(
    `with made as (
       insert into credentials (id, name, issuer_id, place, environment)
       select gen_random_uuid(), 'open-' || n, (select id from issuers limit 1), '{}', 'test' from generate_series(1, $1) n
       returning id)
     insert into rotations (id, credential_id, strategy, phase, priority, requested_by, plan_digest, grace_seconds,
                            predicted_gap_seconds)
     select gen_random_uuid(), id, 'overlap', 'preflight', 'manual', '{}', 'digest', 0, 0 from made`,
    [OPEN],
  );
}

/** How many rows of a table a statement reads. */
async function rowsRead(
  table: string,
  statement: () => Promise<{ rowCount: number | null }>,
): Promise<number> {
  const count = async () => {
    const { rows } = await client.query<{ count: string }>(
      `select seq_tup_read + coalesce(idx_tup_fetch, 0) as count from pg_stat_xact_user_tables where relname = $1`,
      [table],
    );
    return Number(rows[0]?.count);
  };
  await client.query('begin');
  const before = await count();
  expect(await statement()).toMatchObject({ rowCount: 1 });
  const read = (await count()) - before;
  await client.query('rollback');
  return read;
}

test('a rotation is taken and stored without reading the others that are open, or the credentials of others', async () => {
  expect(await claim()).toMatchObject({ rowCount: 1 });
  for (let n = 0; n < 10; n += 1) {
    // Held already: nothing is taken, but the statement is planned.
    expect(await claim()).toMatchObject({ rowCount: 0 });
    await client.query('begin');
    expect(await commit()).toMatchObject({ rowCount: 1 });
    await client.query('rollback');
  }
  await openMany();
  expect(await rowsRead('rotations', commit)).toBeLessThan(20);
  await commit();
  expect(await rowsRead('rotations', claim)).toBeLessThan(20);
  expect(await rowsRead('credentials', claim)).toBeLessThan(20);
});
