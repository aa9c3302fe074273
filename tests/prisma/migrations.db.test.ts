import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { openDatabase } from '#lib/db.ts';
import { requireSameVersion } from '#lib/db-version.ts';
import { compareWithSchema, deploy, withClient } from '#scripts/migrations.ts';
import { dropDatabase } from '#tests/support/database.ts';

const folder = 'prisma/migrations';
const names = fs.readdirSync(folder).filter((name) => !name.endsWith('.toml'));
const database = `test_migrations_${process.pid}`;
const admin = () => inject('postgresUrl');

/** The address of an empty database of this file's own, for a role. */
function urlFor(role: string): string {
  const url = new URL(admin());
  url.username = role;
  url.pathname = `/${database}`;
  return url.toString();
}

const owner = () => urlFor('rekey_owner');

beforeEach(() =>
  withClient(admin(), (client) => client.query(`create database ${database} owner rekey_owner`)),
);
afterEach(() => dropDatabase(admin(), database));

async function refusalOf(change: string): Promise<string> {
  await withClient(owner(), (client) => client.query(change));
  const { pool, close } = openDatabase(urlFor('rekey_app'), 2);
  try {
    return await requireSameVersion(pool).then(() => 'accepted', String);
  } finally {
    await close();
  }
}

function copyOfFunctions(): string {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-sql-'));
  fs.cpSync('prisma/sql', copy, { recursive: true });
  return copy;
}

test('schema, SQL functions and migrations agree', async () => {
  expect(await compareWithSchema(admin())).toEqual({ sql: null, functions: false });
});

test.each<[string, (copy: string) => void]>([
  [
    'a function that was edited without a migration',
    (copy) => {
      const file = path.join(copy, 'commit_step.sql');
      fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('fence = p_fence and ', ''));
    },
  ],
  [
    'a new function without a migration',
    (copy) =>
      fs.writeFileSync(
        path.join(copy, 'stray.sql'),
        'create function stray() returns int language sql as $$ select 1 $$;',
      ),
  ],
  ['a function whose file is gone', (copy) => fs.rmSync(path.join(copy, 'claim_rotation.sql'))],
])('%s is found', async (_what, plant) => {
  const copy = copyOfFunctions();
  try {
    expect((await compareWithSchema(admin(), copy)).functions).toBe(false);
    plant(copy);
    expect((await compareWithSchema(admin(), copy)).functions).toBe(true);
  } finally {
    fs.rmSync(copy, { recursive: true });
  }
});

test('comparing leaves no database behind', async () => {
  await compareWithSchema(admin());
  const { rows } = await withClient(admin(), (client) =>
    client.query(`select datname from pg_database where datname like 'rekey_scratch%'`),
  );
  expect(rows).toEqual([]);
});

test('the history is the one Prisma Migrate keeps: names in order, each with the SHA-256 of its file', async () => {
  expect(await deploy(owner(), 'rekey_app')).toEqual(names);
  const { rows } = await withClient(owner(), (client) =>
    client.query<Record<string, unknown>>(
      `select migration_name, checksum, finished_at is not null as finished, rolled_back_at, applied_steps_count
         from _prisma_migrations order by started_at`,
    ),
  );
  const checksum = (name: string) =>
    createHash('sha256')
      .update(fs.readFileSync(path.join(folder, name, 'migration.sql')))
      .digest('hex');
  expect(rows).toEqual(
    names.map((name) => ({
      migration_name: name,
      checksum: checksum(name),
      finished: true,
      rolled_back_at: null,
      applied_steps_count: 1,
    })),
  );
});

test('deploying several times at the same time applies each migration once, and nobody fails', async () => {
  for (const expected of [names, []]) {
    const runs = await Promise.all(Array.from({ length: 4 }, () => deploy(owner(), 'rekey_app')));
    expect(runs.flat()).toEqual(expected);
  }
  const { rows } = await withClient(owner(), (client) =>
    client.query('select migration_name from _prisma_migrations order by 1'),
  );
  expect(rows).toEqual(names.map((name) => ({ migration_name: name })));
});

test('after a deploy the application can work, and can neither define anything nor touch the history', async () => {
  await deploy(owner(), 'rekey_app');
  await withClient(urlFor('rekey_app'), async (client) => {
    await client.query(`insert into workers (id) values (gen_random_uuid())`);
    const { rows: queue } = await client.query(
      `select relname, has_table_privilege(oid, 'select, insert, update, delete') as usable
         from pg_class where relnamespace = 'bullmq'::regnamespace and relkind = 'r'`,
    );
    expect(queue.length).toBeGreaterThan(0);
    expect(queue.filter((table) => !table.usable)).toEqual([]);
    for (const statement of [
      'create table public.mine (id int)',
      'create schema mine',
      'create function public.mine() returns int language sql as $$ select 1 $$',
      'create or replace function rekey_now() returns timestamptz language sql as $$ select now() $$',
      'alter table users add column mine text',
      'drop table sessions',
      'truncate sessions',
      'delete from _prisma_migrations',
      `update _prisma_migrations set checksum = ''`,
    ]) {
      await expect(client.query(statement), statement).rejects.toMatchObject({ code: '42501' });
    }
  });
});

test('a database of this version is accepted', async () => {
  await deploy(owner(), 'rekey_app');
  expect(await refusalOf('select 1')).toBe('accepted');
});

test('a newer database is refused with a sentence that names the unknown migration', async () => {
  await deploy(owner(), 'rekey_app');
  const insert = `insert into _prisma_migrations (id, checksum, finished_at, migration_name)
                  values ('x', 'y', now(), '29990101000000_later')`;
  expect(await refusalOf(insert)).toBe(
    'Error: The database is newer than this Rekey: it has the migration 29990101000000_later, which this version does not know. Start the newer version again; nothing was changed.',
  );
});

test.each([
  ['never deployed', 'delete from _prisma_migrations'],
  ['begun and not finished', 'update _prisma_migrations set finished_at = null'],
  ['rolled back', 'update _prisma_migrations set rolled_back_at = now()'],
])('a database whose migration was %s is refused with what to run', async (_what, change) => {
  await deploy(owner(), 'rekey_app');
  expect(await refusalOf(change)).toBe(
    `Error: The database lacks the migration ${names[0]}. Run "npm run db:migrate -- deploy" with REKEY_MIGRATION_URL, then start again.`,
  );
});

test('an empty database is refused with what to run', async () => {
  expect(await refusalOf('select 1')).toContain(`The database lacks the migration ${names[0]}. Run "npm run`);
});

test('a role that is missing is named before anything is changed', async () => {
  await expect(deploy(owner(), 'rekey_nobody')).rejects.toThrow(
    'DATABASE_URL signs in as rekey_nobody, and this Postgres has no such role.',
  );
  const { rows } = await withClient(owner(), (client) =>
    client.query<{ history: string | null }>(`select to_regclass('_prisma_migrations') as history`),
  );
  expect(rows).toEqual([{ history: null }]);
});

test('a role that was granted nothing is refused with what to run', async () => {
  await deploy(owner(), null);
  const refusal = await refusalOf('select 1');
  expect(refusal).toContain('was not given what it needs');
  expect(refusal).toContain('npm run db:migrate -- deploy');
});
