import { afterAll, beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { loadRotation } from '#core/rotation/load-rotation.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { db, inTransaction } from '#lib/db.ts';
import { type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
let credentialId: string;
let rotationId: string;

beforeAll(async () => {
  sample = await startSample();
  credentialId = await sample.credentialId('fleet-api');
  rotationId = (await requestRotation(system('test'), { credentialId })).rotationId;
});
afterAll(() => sample.close());

/** Versions that the credential had once: numbered on from `first`, with what the issuer calls them. */
async function hadVersions(first: number, count: number, state: string, revoked: boolean): Promise<void> {
  await db().pool.query(
    `insert into secret_versions (id, credential_id, n, state, external_id, sealed, fingerprint, revoked_at)
     select gen_random_uuid(), $1, n, $4, 'once-' || n, 'sealed', 'fingerprint-' || n, case when $5 then rekey_now() end
       from generate_series($2::integer, $2 + $3 - 1) n`,
    [credentialId, first, count, state, revoked],
  );
}

/** How many rows of versions are read to load the rotation. */
const versionsRead = () =>
  inTransaction(async (client) => {
    const read = `select seq_tup_read + coalesce(idx_tup_fetch, 0) as count
                    from pg_stat_xact_user_tables where relname = 'secret_versions'`;
    const before = await client.query<{ count: string }>(read);
    await client.query('select load_rotation($1)', [rotationId]);
    const after = await client.query<{ count: string }>(read);
    return Number(after.rows[0]?.count) - Number(before.rows[0]?.count);
  });

test('a rotation is taken with what earlier ones left working, and without reading every version its credential ever had', async () => {
  const before = await versionsRead();
  await hadVersions(1000, 400, 'revoked', true);
  await hadVersions(2000, 400, 'discarded', true);
  await hadVersions(3000, 2, 'discarded', false);
  const { situation } = await loadRotation(rotationId);
  expect(situation.from?.state).toBe('current');
  expect(situation.leftovers.map(({ n }) => n)).toEqual([3000, 3001]);
  // The two, and nothing of the 800.
  expect(await versionsRead()).toBeLessThanOrEqual(before + 4);
});
