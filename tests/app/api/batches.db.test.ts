import { beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { db } from '#lib/db.ts';
import { ask } from '#tests/app/api/ask.ts';

beforeAll(async () => {
  const config = { baseUrl: 'http://127.0.0.1:9', adminToken: 'never used' };
  const { id } = await addIssuer(system('test'), { name: 'One', kind: 'surfacescout', config });
  await db().pool.query(
    `insert into credentials (id, name, issuer_id, place, environment, labels)
     select gen_random_uuid(), 'many-' || n, $1, jsonb_build_object('clientId', 'many-' || n), 'staging',
            case when n < 2 then '{leak}'::text[] else '{}' end from generate_series(0, 2) n`,
    [id],
  );
});

interface Member {
  credentialId: string;
  credential: string;
}

test('a program plans a batch by a filter, starts the list that it was told, once under its key, stops it and lets it go on', async () => {
  const plan = await ask('POST', '/batches/plan', { body: { where: { label: 'leak' } } });
  expect(plan.status).toBe(200);
  const members = plan.body.members as Member[];
  expect(members.map(({ credential }) => credential)).toEqual(['many-0', 'many-1']);
  const credentialIds = members.map(({ credentialId }) => credentialId);
  const body = { credentialIds, digest: plan.body.digest, reason: 'a leak', gracePeriod: 'PT2H' };
  const headers = { 'Idempotency-Key': 'one' };
  const started = await ask('POST', '/batches', { body, headers });
  expect(started.status).toBe(202);
  expect(started.headers.get('location')).toBe(`/api/v1/batches/${started.body.id}`);
  expect(started.body).toMatchObject({ state: 'running', gracePeriod: 'PT2H', counts: { waiting: 2 } });
  const again = await ask('POST', '/batches', { body, headers });
  expect(again.body.id).toBe(started.body.id);
  // Without the key it is another wish, and its credentials wait already.
  expect(await ask('POST', '/batches', { body })).toMatchObject({
    status: 409,
    body: { code: 'batch_changed' },
  });
  const path = `/batches/${started.body.id}`;
  expect((await ask('POST', `${path}/stop`, { body: { reason: 'lunch' } })).body).toMatchObject({
    state: 'stopped',
  });
  expect((await ask('POST', `${path}/resume`, { body: {} })).body).toMatchObject({ state: 'running' });
  const list = await ask('GET', '/batches?state=running');
  expect(list.body.items).toMatchObject([{ id: started.body.id, credentials: 2, done: 0, failed: 0 }]);
});

test('a plan takes ids or a filter, and no filter that fits everything', async () => {
  for (const body of [{}, { where: {} }, { where: { label: 'leak' }, credentialIds: [] }]) {
    expect((await ask('POST', '/batches/plan', { body })).status).toBe(400);
  }
});

test('a filter that fits nothing says so', async () => {
  const body = { where: { label: 'on-nothing' } };
  expect(await ask('POST', '/batches/plan', { body })).toMatchObject({
    status: 422,
    body: { code: 'none_fits' },
  });
});
