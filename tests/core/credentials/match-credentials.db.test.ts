import { beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { matchCredentials } from '#core/credentials/match-credentials.ts';
import { searchCredentials } from '#core/credentials/search-credentials.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { db } from '#lib/db.ts';
import { limitedActor } from '#tests/support/limited-world.ts';

const actor = system('test');

beforeAll(async () => {
  const { id } = await addIssuer(actor, { name: 'Values', kind: 'random', config: {} });
  await db().pool.query(
    `insert into credentials (id, name, issuer_id, place, environment, owner)
     select gen_random_uuid(), 'many-' || lpad(n::text, 4, '0'), $1, '{}',
            case when n < 60 then 'staging' else 'production' end, case when n = 0 then 'Ada' end
       from generate_series(0, 560) n`,
    [id],
  );
});

test('all that fit a filter are named, beyond the page that a list shows of them', async () => {
  const wish = { environment: 'staging' };
  const found = await matchCredentials(actor, wish);
  expect(found).toHaveLength(60);
  const page = await searchCredentials(actor, wish);
  expect(page.items).toHaveLength(50);
  expect(found.slice(0, 50).map(({ id }) => id)).toEqual(page.items.map(({ id }) => id));
  expect((await matchCredentials(actor, { owner: 'Ada' })).map(({ name }) => name)).toEqual(['many-0000']);
});

test('more than a batch takes are refused as a whole, and not cut off', async () => {
  await expect(matchCredentials(actor, { environment: 'production' })).rejects.toMatchObject({
    status: 409,
    code: 'too_many',
  });
  const ada = limitedActor({ environments: ['staging'], labels: [] });
  expect(await matchCredentials(ada, {})).toHaveLength(60);
});
