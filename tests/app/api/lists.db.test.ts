import { beforeAll, expect, test } from 'vitest';
import { db } from '#lib/db.ts';
import { ask } from '#tests/app/api/ask.ts';
import { type LimitedWorld, limitedWorld } from '#tests/support/limited-world.ts';
import { addCredential, addIssuer, addPolicy } from '#tests/support/listed-world.ts';

let billing: LimitedWorld;

beforeAll(async () => {
  billing = await limitedWorld('billing', 'production', ['payments']);
  await limitedWorld('survey', 'staging', []);
  const issuerId = await addIssuer('Other vendor');
  const policyId = await addPolicy('Weekly', 7 * 86_400);
  const wish = { issuerId, environment: 'staging', owner: 'Ops', labels: ['edge'] };
  await addCredential({ ...wish, name: 'old', ageDays: 400, policyId, dueIn: -86_400 });
  await addCredential({ ...wish, name: 'new', ageDays: 1 });
});

interface Row {
  id: string;
  name: string;
  credential: string;
  nextRotationAt: string | null;
}

const rowsOf = async (path: string) => (await ask('GET', path)).body.items as Row[];
const named = async (query: string) => (await rowsOf(`/credentials?${query}`)).map(({ name }) => name);

test('credentials are asked for by everything that the console filters them by', async () => {
  const [row] = await rowsOf('/credentials?q=new');
  expect(row).toMatchObject({ owner: 'Ops', state: 'ok', issuer: 'Other vendor' });
  const { issuerId } = row as unknown as { issuerId: string };
  const { id: targetId } = await db().prisma.target.findFirstOrThrow();
  expect(await named('')).toEqual(['billing', 'new', 'old', 'survey']);
  expect(await named(`issuerId=${issuerId}`)).toEqual(['new', 'old']);
  expect(await named(`targetId=${targetId}`)).toEqual(['billing', 'survey']);
  expect(await named('label=payments')).toEqual(['billing']);
  expect(await named('owner=Ops&environment=staging')).toEqual(['new', 'old']);
  expect(await named('state=overdue')).toEqual(['old']);
  expect(await named('q=EDGE&sort=age')).toEqual(['old', 'new']);
  expect((await ask('GET', '/credentials?state=odd')).status).toBe(400);
});

test('pages go on in every order, and a cursor of another order is refused', async () => {
  for (const sort of ['name', 'age', 'next']) {
    const all: string[] = [];
    let cursor: unknown = '';
    while (cursor !== null) {
      const from = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await ask('GET', `/credentials?sort=${sort}&limit=1${from}`);
      all.push(...(body.items as Row[]).map(({ name }) => name));
      cursor = body.nextCursor;
    }
    expect(all).toEqual(await named(`sort=${sort}`));
    expect(all).toHaveLength(4);
  }
  const { body } = await ask('GET', '/credentials?limit=1');
  expect((await ask('GET', `/credentials?sort=age&cursor=${body.nextCursor}`)).status).toBe(400);
});

test('where a policy is off, no next rotation is told', async () => {
  expect((await rowsOf('/credentials?q=old'))[0]?.nextRotationAt).not.toBeNull();
  await db().prisma.policy.updateMany({ where: { name: 'Weekly' }, data: { enabled: false } });
  expect((await rowsOf('/credentials?q=old'))[0]?.nextRotationAt).toBeNull();
});

test('rotations are asked for by their state, their environment and the name of their credential', async () => {
  const of = async (query: string) =>
    new Set((await rowsOf(`/rotations?${query}`)).map(({ credential }) => credential));
  expect(await of('state=held')).toEqual(new Set(['billing', 'survey']));
  expect(await of('state=held&environment=staging')).toEqual(new Set(['survey']));
  expect(await of('q=bill')).toEqual(new Set(['billing']));
  expect(await of('state=rolled_back')).toEqual(new Set());
});

test('where the glass is asked to be broken is asked for one credential', async () => {
  expect(await rowsOf('/break-glass')).toHaveLength(2);
  const rows = await rowsOf(`/break-glass?credentialId=${billing.credentialId}`);
  expect(rows.map(({ credential }) => credential)).toEqual(['billing']);
});

test('a batch is planned by the state that the console filters by, too', async () => {
  const { status, body } = await ask('POST', '/batches/plan', {
    body: { where: { owner: 'Ops', state: 'unscheduled' } },
  });
  expect(status).toBe(200);
  expect((body.members as Row[]).map(({ credential }) => credential)).toEqual(['new']);
});
