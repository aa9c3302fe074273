import { beforeAll, expect, test, vi } from 'vitest';
import { issuerConnector, targetConnector } from '#connectors/registry.ts';
import { system } from '#core/access/actor.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { makePlans } from '#core/rotation/plan.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { db } from '#lib/db.ts';

/* Credentials of two issuers, all of them with a binding at the same target. Nothing outside is asked. */

const actor = system('test');
const COUNT = 6;
let ids: string[] = [];

beforeAll(async () => {
  const config = { baseUrl: 'http://127.0.0.1:9', adminToken: 'never used' };
  const signingSecret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
  const issuers = [
    await addIssuer(actor, { name: 'One', kind: 'surfacescout', config }),
    await addIssuer(actor, { name: 'Two', kind: 'surfacescout', config }),
  ];
  const receiver = { url: 'http://127.0.0.1:9/', signingSecret };
  const { id: targetId } = await addTarget(actor, { name: 'Receiver', kind: 'webhook', config: receiver });
  const { rows } = await db().pool.query<{ id: string }>(
    `insert into credentials (id, name, issuer_id, place, environment)
     select gen_random_uuid(), 'planned-' || n, ($1::uuid[])[1 + n % 2], jsonb_build_object('clientId', 'planned-' || n), 'test'
       from generate_series(0, $2 - 1) n returning id`,
    [issuers.map(({ id }) => id), COUNT],
  );
  ids = rows.map(({ id }) => id);
  await db().pool.query(
    `insert into bindings (id, credential_id, target_id, place, fields, needs)
     select gen_random_uuid(), id, $1, '{}', '{"clientSecret": "SECRET"}', 'none' from credentials`,
    [targetId],
  );
});

const wishes = () => ids.map((credentialId) => ({ credentialId, requester: 'test' }));

test('plans made together open each issuer and each target once, and each place', async () => {
  const { config: atIssuer, place } = issuerConnector('surfacescout');
  const opened = { issuer: vi.spyOn(atIssuer, 'parse'), place: vi.spyOn(place, 'parse') };
  const target = vi.spyOn(targetConnector('webhook').config, 'parse');
  const plans = await makePlans(db().pool, wishes());
  expect([...plans.values()].map((plan) => (plan instanceof Error ? plan.message : plan.credential))).toEqual(
    expect.arrayContaining(Array.from({ length: COUNT }, (_, n) => `planned-${n}`)),
  );
  expect(opened.issuer).toHaveBeenCalledTimes(2);
  expect(target).toHaveBeenCalledTimes(1);
  expect(opened.place).toHaveBeenCalledTimes(COUNT);
});

test('a plan that is made with others is the plan that is made alone', async () => {
  const together = await makePlans(db().pool, wishes());
  for (const wish of wishes()) {
    const alone = await makePlans(db().pool, [wish]);
    expect(alone.get(wish.credentialId)).toEqual(together.get(wish.credentialId));
  }
});

test('an issuer that cannot be opened keeps back its own credentials and no others', async () => {
  await db().pool.query(`update issuers set config = '{"baseUrl": 1}' where name = 'Two'`);
  const failed = [...(await makePlans(db().pool, wishes())).values()].filter((plan) => plan instanceof Error);
  expect(failed).toHaveLength(COUNT / 2);
});

test('a plan promises no proof where the issuer takes no failed sign-in', async () => {
  const { id: issuerId } = await addIssuer(actor, { name: 'Random', kind: 'random', config: {} });
  const { rows } = await db().pool.query<{ id: string }>(
    `insert into credentials (id, name, issuer_id, place, environment)
     values (gen_random_uuid(), 'without proof', $1, '{"format": "base64url", "bytes": 32}', 'test') returning id`,
    [issuerId],
  );
  const phasesOf = async (credentialId = '') => {
    const plan = (await makePlans(db().pool, [{ credentialId, requester: 'test' }])).get(credentialId);
    return plan === undefined || plan instanceof Error ? plan : plan.steps.map(({ phase }) => phase);
  };
  expect(await phasesOf(ids[0])).toContain('prove');
  const phases = await phasesOf(rows[0]?.id);
  expect(phases).toContain('promote');
  expect(phases).not.toContain('prove');
});
