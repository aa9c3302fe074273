import { beforeAll, expect, test } from 'vitest';
import { beginRestoration } from '#core/backup/restoration.ts';
import { db, inTransaction } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { ask } from '#tests/app/api/ask.ts';
import { limitedWorld } from '#tests/support/limited-world.ts';
import { makeUser } from '#tests/support/users.ts';

const viewer = { id: newId(), role: 'viewer' } as const;

beforeAll(async () => {
  await limitedWorld('billing', 'production', []);
  await limitedWorld('survey', 'staging', []);
});

test('a program reads what waits for a person, everywhere or in one environment', async () => {
  const everywhere = await ask('GET', '/overview', { caller: viewer });
  expect(everywhere.status).toBe(200);
  expect(everywhere.body).toMatchObject({ counters: { failing: { count: 0 } }, system: { workers: 0 } });
  const names = (body: Record<string, unknown>) =>
    new Set((body.attention as { name: string }[]).map(({ name }) => name));
  expect(names(everywhere.body)).toEqual(new Set(['billing', 'survey']));
  const staging = await ask('GET', '/overview?environment=staging', { caller: viewer });
  expect(names(staging.body)).toEqual(new Set(['survey']));
});

test('the trends are of twelve weeks, and the environments are those that there are credentials of', async () => {
  const { status, body } = await ask('GET', '/trends', { caller: viewer });
  expect(status).toBe(200);
  expect(body.weeks).toHaveLength(12);
  expect((await ask('GET', '/environments', { caller: viewer })).body.items).toEqual([
    'production',
    'staging',
  ]);
});

test('an auditor’s client reads whether everybody must have a second factor, and who has none is counted', async () => {
  const caller = { id: newId(), role: 'auditor' } as const;
  await makeUser('operator');
  expect((await ask('GET', '/second-factor-rule', { caller })).body).toEqual({ required: null, without: 1 });
  await db().prisma.secondFactorRule.create({ data: { by: 'Ada' } });
  expect((await ask('GET', '/second-factor-rule', { caller })).body).toMatchObject({
    required: { by: 'Ada' },
    without: 1,
  });
});

test('a database that was not restored says so, and one that rests says why and what was found', async () => {
  expect((await ask('GET', '/restoration')).body).toEqual({
    atRest: false,
    at: null,
    how: null,
    detail: null,
    comparedAt: null,
    list: [],
  });
  const actor = { kind: 'system', id: null, name: 'test' } as const;
  await inTransaction((client) => beginRestoration(client, { how: 'hand', detail: 'It was copied.', actor }));
  expect(await ask('GET', '/restoration')).toMatchObject({
    status: 200,
    body: { atRest: true, how: 'hand', detail: 'It was copied.', comparedAt: null, list: [] },
  });
});
