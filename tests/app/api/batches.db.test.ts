import { beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
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
  const plan = await ask('POST', '/batches/plan', {
    body: { where: { label: 'leak' }, gracePeriod: 'PT2H' },
  });
  expect(plan.status).toBe(200);
  const members = plan.body.members as Member[];
  expect(members.map(({ credential }) => credential)).toEqual(['many-0', 'many-1']);
  expect(members).toMatchObject([{ gracePeriod: 'PT2H' }, { gracePeriod: 'PT2H', graceAfterUse: null }]);
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

test('without a grace period the plan shows what each policy says, or P1D, and the batch has none of its own', async () => {
  const found = await db().pool.query<{ id: string }>(`select id from credentials where name = 'many-2'`);
  const credentialIds = found.rows.map(({ id }) => id);
  const policy = await createPolicy(system('test'), {
    name: 'Hourly',
    rhythm: { intervalSeconds: 86_400 },
    graceSeconds: 3600,
    graceAfterUseSeconds: 600,
  });
  const plan = () => ask('POST', '/batches/plan', { body: { credentialIds } });
  expect((await plan()).body.members).toMatchObject([{ gracePeriod: 'P1D', graceAfterUse: null }]);
  await assignPolicy(system('test'), { credentialId: credentialIds[0] ?? '', policyId: policy.id });
  const { body } = await plan();
  expect(body.members).toMatchObject([{ gracePeriod: 'PT1H', graceAfterUse: 'PT10M' }]);
  const wish = { credentialIds, digest: body.digest, reason: 'spring' };
  expect(await ask('POST', '/batches', { body: wish })).toMatchObject({
    status: 202,
    body: { gracePeriod: null },
  });
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
