import { expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { createView } from '#core/evidence/create-view.ts';
import { renameView } from '#core/evidence/rename-view.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { db } from '#lib/db.ts';

/* Two who give the same name at once get what two get who do so one after the other. */

const actor = system('test');
const config = { baseUrl: 'http://127.0.0.1:9', adminToken: 'never used' };

/** Calls twice, and keeps both from being stored before both have looked whether the name is free. */
async function atOnce(table: string, call: () => Promise<unknown>): Promise<PromiseSettledResult<unknown>[]> {
  const holder = await db().pool.connect();
  await holder.query('begin');
  await holder.query(`lock table ${table} in share row exclusive mode`);
  const both = [call(), call()];
  let isOver = false;
  for (const one of both) {
    one
      .catch(() => {})
      .finally(() => {
        isOver = true;
      });
  }
  for (let waiting = 0; waiting < 2 && !isOver; ) {
    const { rows } = await holder.query<{ n: number }>(
      `select count(*)::int as n from pg_locks l join pg_database d on d.oid = l.database
        where d.datname = current_database() and not l.granted and l.relation = $1::regclass`,
      [table],
    );
    waiting = rows[0]?.n ?? 0;
  }
  await holder.query('commit');
  holder.release();
  return Promise.allSettled(both);
}

test.each<[string, () => Promise<unknown>]>([
  ['saved_views', () => createView(actor, { name: 'Same', query: 'outcome:failure' })],
  [
    'policies',
    () => createPolicy(actor, { name: 'Same', rhythm: { intervalSeconds: 86_400 }, graceSeconds: 60 }),
  ],
  ['issuers', () => addIssuer(actor, { name: 'Same', kind: 'surfacescout', config })],
])('of two who give the same name in %s at once, one is told that the name is taken', async (table, call) => {
  const both = await atOnce(table, call);
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  const refused = both.find(({ status }) => status === 'rejected');
  expect(refused).toMatchObject({ reason: { status: 409, code: 'name_taken' } });
  expect((refused as PromiseRejectedResult).reason.fields).toHaveProperty('name');
});

test('of two who rename views to the same name at once, one is told that the name is taken', async () => {
  const ids = await Promise.all(
    ['One', 'Other'].map(async (name) => (await createView(actor, { name, query: 'outcome:failure' })).id),
  );
  let next = 0;
  const both = await atOnce('saved_views', () => {
    next += 1;
    return renameView(actor, { id: ids[next - 1] ?? '', name: 'The same' });
  });
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'name_taken' } });
});
