import { beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { type CredentialStateName, stateNames } from '#core/access/credential-filter.ts';
import { readOverview } from '#core/credentials/read-overview.ts';
import { searchCredentials } from '#core/credentials/search-credentials.ts';
import { db } from '#lib/db.ts';
import { addCredential, addIssuer, addPolicy } from '#tests/support/listed-world.ts';

const actor = system('test');
const DAY = 86_400;
let vendor: string;
let other: string;

type Wish = Parameters<typeof searchCredentials>[1];

async function names(wish: Wish): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | null | undefined; after !== null; ) {
    const page: Awaited<ReturnType<typeof searchCredentials>> = await searchCredentials(actor, {
      ...wish,
      after,
    });
    found.push(...page.items.map(({ name }) => name));
    after = page.nextAfter;
  }
  return found;
}

const inState = (state: CredentialStateName) => names({ state, environment: 'states' });

beforeAll(async () => {
  vendor = await addIssuer('vendor');
  other = await addIssuer('other');
  const monthly = await addPolicy('monthly', 30 * DAY);
  const states = { issuerId: vendor, environment: 'states' };
  await addCredential({
    ...states,
    name: 'fails',
    rotation: { phase: 'deliver', hold: 'delivery_exhausted' },
  });
  await addCredential({ ...states, name: 'goes back', rotation: { phase: 'deliver', direction: 'back' } });
  await addCredential({
    ...states,
    name: 'wants yes',
    rotation: { phase: 'preflight', hold: 'approval_pending' },
  });
  await addCredential({ ...states, name: 'is pasted', rotation: { phase: 'await_secret' } });
  await addCredential({ ...states, name: 'overlaps', rotation: { phase: 'overlap', overlapEndsIn: 3600 } });
  await addCredential({
    ...states,
    name: 'overlaps longer',
    rotation: { phase: 'overlap', overlapEndsIn: 7200 },
  });
  await addCredential({ ...states, name: 'came and passed', policyId: monthly, dueIn: -600 });
  await addCredential({ ...states, name: 'is too old', policyId: monthly, dueIn: 20 * DAY, ageDays: 31 });
  await addCredential({ ...states, name: 'has expired', expiresInDays: -2 });
  await addCredential({ ...states, name: 'comes soon', policyId: monthly, dueIn: 3 * DAY });
  await addCredential({ ...states, name: 'comes later', policyId: monthly, dueIn: 20 * DAY });
  const drifted = await addCredential({ ...states, name: 'drifts' });
  await db().prisma.finding.create({
    data: { credentialId: drifted, kind: 'foreign_value', detail: 'Another value is there.' },
  });
});

test('each state has exactly the credentials that stand so', async () => {
  expect(await inState('failing')).toEqual(['fails']);
  expect(await inState('rolling_back')).toEqual(['goes back']);
  expect(await inState('waiting')).toEqual(['is pasted', 'wants yes']);
  expect(await inState('overlap')).toEqual(['overlaps', 'overlaps longer']);
  expect(await inState('overdue')).toEqual(['came and passed', 'has expired', 'is too old']);
  expect(await inState('due')).toEqual(['comes soon']);
  expect(await inState('drifted')).toEqual(['drifts']);
  expect(await inState('paused')).toEqual([]);
  expect(await inState('expiring')).toEqual(['has expired']);
  expect(stateNames).toHaveLength(11);
});

test('a rotation that goes back is told apart from one that goes on', async () => {
  const { items } = await searchCredentials(actor, { environment: 'states' });
  const stateOf = Object.fromEntries(items.map(({ name, state }) => [name, state]));
  expect(stateOf).toMatchObject({
    'goes back': 'rolling_back',
    overlaps: 'overlap',
    fails: 'failing',
    'is too old': 'overdue',
    drifts: 'drifted',
    'comes later': 'ok',
  });
});

test('a counter of the overview and the list that it leads to agree, and the counter names the worst', async () => {
  const { counters } = await readOverview(actor, { environment: 'states' });
  for (const state of ['failing', 'overdue', 'due', 'overlap'] as const) {
    expect(counters[state].count, state).toBe((await inState(state)).length);
  }
  expect(counters.failing.worst).toBe('fails');
  expect(counters.overlap.worst).toBe('overlaps');
  expect(counters.due.worst).toBe('comes soon');
  // Expired two days ago; the others are late by less.
  expect(counters.overdue.worst).toBe('has expired');
  expect((await readOverview(actor, { environment: 'nowhere' })).counters.failing).toMatchObject({
    count: 0,
    worst: null,
  });
});

test('in every order the pages hold each credential once, also where many have the same key', async () => {
  const monthly = await addPolicy('also monthly', 30 * DAY);
  for (let n = 0; n < 60; n += 1) {
    const name = `page ${String(n).padStart(2, '0')}`;
    await addCredential({ name, issuerId: other, environment: 'pages' });
  }
  for (let n = 60; n < 120; n += 1) {
    await addCredential({
      name: `page ${n}`,
      issuerId: other,
      environment: 'pages',
      ageDays: n,
      policyId: monthly,
      dueIn: (500 - n) * DAY,
    });
  }
  for (const sort of ['name', 'age', 'next'] as const) {
    const found = await names({ sort, environment: 'pages' });
    expect(found, sort).toHaveLength(120);
    expect(new Set(found).size, sort).toBe(120);
  }
  expect((await names({ sort: 'age', environment: 'pages' }))[0]).toBe('page 119');
  expect((await names({ sort: 'next', environment: 'pages' }))[0]).toBe('page 119');
});

test('where the policy is off no next rotation is told, sorted by, or counted as due', async () => {
  const on = await addPolicy('is on', 30 * DAY);
  const off = await addPolicy('is off', 30 * DAY);
  const there = { issuerId: other, environment: 'switched' };
  await addCredential({ ...there, name: 'b is off', policyId: off, dueIn: DAY });
  await addCredential({ ...there, name: 'a has none' });
  await addCredential({ ...there, name: 'c is on', policyId: on, dueIn: 3 * DAY });
  await db().prisma.policy.update({ where: { id: off }, data: { enabled: false } });
  const { items } = await searchCredentials(actor, { sort: 'next', environment: 'switched' });
  expect(items[0]).toMatchObject({ name: 'c is on', nextRotationAt: expect.any(String) });
  expect(items.slice(1).map(({ nextRotationAt }) => nextRotationAt)).toEqual([null, null]);
  expect(await names({ sort: 'next', environment: 'switched', limit: 1 })).toHaveLength(3);
  expect(await names({ state: 'due', environment: 'switched' })).toEqual(['c is on']);
});

test('a rhythm that is off calls nothing overdue, neither in lists nor in the overview, and what has expired is all the same', async () => {
  const policyId = await addPolicy('is switched off', 30 * DAY);
  const there = { issuerId: other, environment: 'off', policyId };
  await addCredential({ ...there, name: 'came and passed, off', dueIn: -600 });
  await addCredential({ ...there, name: 'is too old, off', dueIn: 20 * DAY, ageDays: 31 });
  const skipped = await addCredential({ ...there, name: 'was skipped, off', dueIn: 20 * DAY });
  await db().prisma.skip.create({ data: { credentialId: skipped, slot: new Date(), reason: 'paused' } });
  await addCredential({ ...there, name: 'has expired, off', dueIn: -600, expiresInDays: -2 });
  expect(await names({ state: 'overdue', environment: 'off' })).toHaveLength(4);
  await db().prisma.policy.update({ where: { id: policyId }, data: { enabled: false } });
  expect(await names({ state: 'overdue', environment: 'off' })).toEqual(['has expired, off']);
  const { items } = await searchCredentials(actor, { environment: 'off' });
  const ofTheRest = items.filter(({ name }) => name !== 'has expired, off');
  expect(ofTheRest.map(({ state, allowedSeconds }) => [state, allowedSeconds])).toEqual([
    ['ok', null],
    ['ok', null],
    ['ok', null],
  ]);
  const { counters } = await readOverview(actor, { environment: 'off' });
  expect(counters.overdue).toMatchObject({ count: 1, worst: 'has expired, off' });
  await db().prisma.policy.update({ where: { id: policyId }, data: { enabled: true } });
  expect(await names({ state: 'overdue', environment: 'off' })).toHaveLength(4);
});

test('credentials are found by part of a name, by owner, label, issuer and target, whatever the case', async () => {
  const id = await addCredential({
    name: 'Billing 100%',
    issuerId: other,
    owner: 'Team Blue',
    labels: ['app:shop'],
  });
  const target = await db().prisma.target.create({ data: { name: 'env files', kind: 'dotenv', config: {} } });
  await db().prisma.binding.create({
    data: { credentialId: id, targetId: target.id, place: {}, fields: {}, needs: 'read_back' },
  });
  expect(await names({ q: 'bILLING' })).toEqual(['Billing 100%']);
  // What is special to a pattern stands for itself.
  expect(await names({ q: '100%' })).toEqual(['Billing 100%']);
  expect(await names({ q: '%' })).toEqual(['Billing 100%']);
  expect(await names({ q: 'blue' })).toEqual(['Billing 100%']);
  expect(await names({ q: 'app:shop' })).toEqual(['Billing 100%']);
  expect(await names({ owner: 'Team Blue' })).toEqual(['Billing 100%']);
  expect(await names({ label: 'app:shop', issuerId: other })).toEqual(['Billing 100%']);
  expect(await names({ label: 'app:shop', issuerId: vendor })).toEqual([]);
  expect(await names({ targetId: target.id })).toEqual(['Billing 100%']);
});

test('an address that names no page is refused with a sentence', async () => {
  await expect(searchCredentials(actor, { after: 'nonsense' })).rejects.toMatchObject({ code: 'bad_cursor' });
  await expect(searchCredentials(actor, { state: 'odd' as 'failing' })).rejects.toMatchObject({
    code: 'bad_input',
  });
});

test('a page goes on in its own order only: a cursor of another one, or of no row, is refused with a sentence', async () => {
  const page = await searchCredentials(actor, { sort: 'name', limit: 1 });
  const cursor = (key: string) =>
    Buffer.from(JSON.stringify([key, '00000000-0000-7000-8000-000000000001'])).toString('base64url');
  const refused = { status: 400, code: 'bad_cursor' };
  await expect(
    searchCredentials(actor, { sort: 'age', after: page.nextAfter ?? undefined }),
  ).rejects.toMatchObject(refused);
  await expect(searchCredentials(actor, { after: cursor('a\0b') })).rejects.toMatchObject(refused);
  for (const odd of ['', '2026-02-30 00:00:00+00', '2026-11-29 25:00:00+00', 'now', "'"]) {
    await expect(searchCredentials(actor, { sort: 'age', after: cursor(odd) })).rejects.toMatchObject(
      refused,
    );
  }
  for (const good of [
    '2026-11-29 02:00:00.123456+00',
    '2026-11-29 02:00:00-05',
    '2026-11-29 02:00:00+05:30',
    'infinity',
  ]) {
    await expect(searchCredentials(actor, { sort: 'age', after: cursor(good) })).resolves.toHaveProperty(
      'items',
    );
  }
});
