import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { auditActor, system } from '#core/access/actor.ts';
import { restoreBackup } from '#core/backup/restore-backup.ts';
import { writeBackup } from '#core/backup/write-backup.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { createUser } from '#core/users/create-user.ts';
import { seal } from '#core/vault/seal.ts';
import { db } from '#lib/db.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { Problem } from '#lib/problem.ts';
import { withClient } from '#scripts/migrations.ts';
import { dropPlain, type PlainDatabase, plainDatabase, use } from '#tests/support/restored.ts';
import { advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';

/* The commands themselves, in processes of their own: what they write, what they take, and what they refuse. */

const actor = system('test');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-backup-'));
const file = path.join(folder, 'rekey.backup');
let source: PlainDatabase;
let sample: Sample;
const made: PlainDatabase[] = [];

async function rekey(args: readonly string[], env: Record<string, string> = {}) {
  const options = { env: { ...process.env, ...env } };
  const run = promisify(execFile)(process.execPath, ['cli/rekey.mjs', ...args], options);
  return run.then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    (error: { code: number; stderr: string; stdout: string }) => ({
      code: error.code,
      said: error.stdout + error.stderr,
    }),
  );
}

/** What restoring answers in this process, with this database's owner. */
const restored = ({ ownerUrl }: PlainDatabase, given: string) =>
  restoreBackup(given, { ownerUrl, app: db(), actor: auditActor(actor) }).catch((error: unknown) => error);

async function empty(): Promise<PlainDatabase> {
  const database = await plainDatabase(`empty${made.length}`);
  made.push(database);
  use(database);
  return database;
}

const rowsOf = async ({ ownerUrl }: PlainDatabase) =>
  withClient(ownerUrl, async (client) => {
    const { rows } = await client.query<{ n: number }>(
      `select (select count(*) from users) + (select count(*) from secret_versions) + (select count(*) from audit_events)
            + (select count(*) from standstill) as n`,
    );
    return Number(rows[0]?.n);
  });

/** The lines of the backup, changed and packed again. */
function forge(name: string, change: (lines: string[]) => string[]): string {
  const lines = gunzipSync(fs.readFileSync(file)).toString().split('\n').slice(0, -1);
  const forged = path.join(folder, name);
  fs.writeFileSync(forged, gzipSync(`${change(lines).join('\n')}\n`));
  return forged;
}

/** With the digest that belongs to the lines, which whoever has the keys could make. */
function rehashed(lines: string[]): string[] {
  const content = lines.slice(0, -1);
  const header = JSON.parse(content[0] ?? '') as { id: string };
  const sha256 = createHash('sha256')
    .update(`${content.join('\n')}\n`)
    .digest('hex');
  const sealed = seal({ table: 'backup', id: header.id, field: 'sha256' }, new Plaintext(sha256));
  return [...content, JSON.stringify({ sha256, sealed })];
}

beforeAll(async () => {
  source = await plainDatabase('source');
  use(source);
  sample = await startSample();
  await createUser(actor, { email: 'ada@example.test', name: 'Ada \u2028 "quoted"\\', role: 'admin' });
  const { rotationId } = await requestRotation(actor, {
    credentialId: await sample.credentialId('fleet-api'),
    graceSeconds: 0,
  });
  await advanceUntil(rotationId, ({ outcome }) => outcome !== null);
  expect(await rekey(['backup', file])).toMatchObject({ code: 0 });
});
afterEach(async () => {
  use(source);
  for (const database of made.splice(0)) await dropPlain(database);
});
afterAll(async () => {
  await sample.close();
  await dropPlain(source);
  fs.rmSync(folder, { recursive: true, force: true });
});

test('a backup is readable for its owner only, and holds neither a key nor a secret in clear', () => {
  expect((fs.statSync(file).mode & 0o777).toString(8)).toBe('600');
  expect(fs.readdirSync(folder)).toEqual([path.basename(file)]);
  const text = gunzipSync(fs.readFileSync(file)).toString();
  const keys = (process.env.REKEY_MASTER_KEYS ?? '').split(',').map((key) => key.split(':')[1] ?? '');
  const never = [
    ...keys,
    process.env.REKEY_FINGERPRINT_KEY ?? '',
    process.env.REKEY_AUDIT_KEY ?? '',
    sample.secretInFile('fleet-api'),
    sample.secretInFile('survey-importer'),
    sample.places.adminToken,
  ];
  expect(never.every((value) => value.length > 10)).toBe(true);
  expect(never.filter((value) => text.includes(value))).toEqual([]);
});

test('every row of every table comes back as it was, sequences go on behind it, nobody is signed in, and no link lets anybody in', async () => {
  await db().pool.query(`insert into sessions (id, user_id) select gen_random_uuid(), id from users`);
  await writeBackup(file);
  const all = `select md5(string_agg(t::text, '|' order by t::text)) as sum from`;
  const tables = (
    JSON.parse(gunzipSync(fs.readFileSync(file)).toString().split('\n')[0] ?? '') as {
      tables: { name: string }[];
    }
  ).tables.map(({ name }) => name);
  const before = await Promise.all(tables.map((name) => db().pool.query(`${all} ${name} t`)));
  const { rows: last } = await db().pool.query<{ id: string }>('select max(id) as id from audit_events');
  const target = await empty();
  const { code, said } = await rekey(['restore', file]);
  expect({ code, said }).toMatchObject({ code: 0 });
  expect(said).toContain('rekey resume --after-restore');
  await withClient(target.ownerUrl, async (client) => {
    await client.query('begin');
    await client.query(`delete from standstill where id = 2`);
    await client.query('delete from restorations');
    expect(await client.query('select 1 from sign_in_links where used_at is null')).toMatchObject({
      rowCount: 0,
    });
    await client.query('update sign_in_links set used_at = null');
    // The one event that restoring adds can be told from the others by its id only.
    const added = `(select * from audit_events where id <= ${last[0]?.id})`;
    for (const [n, name] of tables.entries()) {
      const { rows } = await client.query(`${all} ${name === 'audit_events' ? added : name} t`);
      expect([name, rows[0]]).toEqual([name, before[n]?.rows[0]]);
    }
    await client.query('rollback');
    const { rows } = await client.query<{ id: string; action: string }>(
      'select id, action from audit_events where id > $1',
      [last[0]?.id],
    );
    expect(rows.map(({ action }) => action)).toEqual(['database.restored']);
    expect(await client.query('select 1 from sessions')).toMatchObject({ rowCount: 0 });
  });
  // The log of the restored database is still one that can only be added to, and its seals hold.
  expect((await rekey(['audit', 'verify'])).code).toBe(0);
});

test('a backup is one look at the database: what is committed while it is read is in it whole or not at all', async () => {
  const { pool } = db();
  let stop = false;
  let n = 0;
  const writing = (async () => {
    while (!stop) {
      n += 1;
      await pool.query(
        `with one as (insert into users (id, email, name, role) values (gen_random_uuid(), $1, 'x', 'viewer') returning id)
         insert into identities (issuer, sub, user_id) select 'test', $1, id from one`,
        [`load-${n}@example.test`],
      );
    }
  })();
  const busy = path.join(folder, 'busy.backup');
  const headers = [await writeBackup(busy), await writeBackup(busy), await writeBackup(busy)];
  stop = true;
  await writing;
  expect(n).toBeGreaterThan(3);
  for (const { tables } of headers) {
    const users = tables.find(({ name }) => name === 'users')?.rows ?? 0;
    expect(tables.find(({ name }) => name === 'identities')?.rows).toBe(users - 1);
  }
  expect(await restored(await empty(), busy)).toMatchObject({ id: headers[2]?.id });
  use(source);
  await pool.query(`delete from identities where issuer = 'test'`);
  await pool.query(`delete from users where email like 'load-%'`);
  fs.rmSync(busy);
});

test.each<[string, string, () => string]>([
  [
    'cut off',
    'is damaged: it ends before its end',
    () => {
      const cut = path.join(folder, 'cut');
      const whole = fs.readFileSync(file);
      fs.writeFileSync(cut, whole.subarray(0, Math.floor(whole.length / 2)));
      return cut;
    },
  ],
  [
    'changed in one byte',
    'is damaged',
    () => {
      const flipped = fs.readFileSync(file);
      const at = Math.floor(flipped.length / 2);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      fs.writeFileSync(path.join(folder, 'flipped'), flipped);
      return path.join(folder, 'flipped');
    },
  ],
  [
    'packed again with another role for a user',
    'is damaged: its content is not what was written',
    () =>
      forge('forged', (lines) =>
        lines.map((line) => line.replace('"role":"viewer"', '"role":"admin"').replace('Ada', 'Eve')),
      ),
  ],
  ['packed again without its last lines', 'is damaged', () => forge('short', (lines) => lines.slice(0, -3))],
  [
    'made by a newer Rekey',
    'which this database does not have',
    () =>
      forge('newer', ([header = '', ...lines]) => {
        const value = JSON.parse(header) as { migrations: string[] };
        value.migrations.push('20991231000000_later');
        return rehashed([JSON.stringify(value), ...lines]);
      }),
  ],
  [
    'made before a migration of this database',
    'Restore it into an empty database with the version that made it',
    () =>
      forge('older', ([header = '', ...lines]) => {
        const value = JSON.parse(header) as { migrations: string[] };
        value.migrations.pop();
        return rehashed([JSON.stringify(value), ...lines]);
      }),
  ],
  [
    'in a form of the future',
    'in a form that this Rekey does not read',
    () => forge('future', ([, ...lines]) => ['{"rekeyBackup":2}', ...lines]),
  ],
  [
    'something else',
    'is no backup of Rekey',
    () => {
      fs.writeFileSync(path.join(folder, 'text'), gzipSync('hello\n'));
      return path.join(folder, 'text');
    },
  ],
  ['not there', 'cannot be read (ENOENT)', () => path.join(folder, 'nothing')],
])(
  'a file that is %s is refused with a sentence, and the database stays empty',
  async (_what, sentence, make) => {
    const given = make();
    const target = await empty();
    const refused = await restored(target, given);
    expect(refused).toBeInstanceOf(Problem);
    expect(String(refused)).toContain(sentence);
    expect(String(refused)).toContain('Nothing was changed.');
    expect(await rowsOf(target)).toBe(0);
  },
);

const key = (fill: number) => Buffer.alloc(32, fill).toString('base64');

test.each<[string, string, Record<string, string>]>([
  ['a master key is missing', 'sealed with the master key m1', { REKEY_MASTER_KEYS: `m2:${key(9)}` }],
  [
    'a master key is another one of that name',
    'do not open this backup',
    { REKEY_MASTER_KEYS: `m1:${key(9)}` },
  ],
  [
    'the fingerprint key is another one',
    'REKEY_FINGERPRINT_KEY is another one',
    { REKEY_FINGERPRINT_KEY: key(9) },
  ],
])('where %s, restoring is refused before anything is written', async (_what, sentence, env) => {
  const target = await empty();
  const { code, said } = await rekey(['restore', file], env);
  expect({ code, said }).toMatchObject({ code: 1, said: expect.stringContaining(sentence) });
  expect(await rowsOf(target)).toBe(0);
});

test('a backup that is made between two master keys names both: the one of its values and the one that seals the file', async () => {
  const between = path.join(folder, 'between.backup');
  const keys = { REKEY_MASTER_KEYS: `m2:${key(9)},${process.env.REKEY_MASTER_KEYS}` };
  const { said } = await rekey(['backup', between], keys);
  expect(said).toContain('It opens with these master keys, kept in another place: m2, m1.');
  const target = await empty();
  const refused = await rekey(['restore', between]);
  expect(refused).toMatchObject({
    code: 1,
    said: expect.stringContaining('with the master key m2, which is'),
  });
  expect(await rowsOf(target)).toBe(0);
  expect(await rekey(['restore', between], keys)).toMatchObject({ code: 0 });
});

test('a value whose master key is gone is told when a backup is made, and does not keep it from being restored', async () => {
  const { pool } = db();
  const set = (from: string, to: string) =>
    pool.query(
      `update secret_versions set sealed = replace(sealed, $1, $2)
        where id = (select id from secret_versions order by id limit 1)`,
      [from, to],
    );
  await set('v1.m1.', 'v1.m0.');
  const lost = path.join(folder, 'lost.backup');
  const { said } = await rekey(['backup', lost]);
  await set('v1.m0.', 'v1.m1.');
  expect(said).toContain('kept in another place: m1.');
  expect(said).toContain('Not in REKEY_MASTER_KEYS: m0. What it has sealed (values: 1) opens neither here');
  const target = await empty();
  expect(await restored(target, lost)).toMatchObject({ rekeyBackup: 1 });
  // One that is there all the same has to be the right one.
  await empty();
  const { code } = await rekey(['restore', file], { REKEY_MASTER_KEYS: `m1:${key(9)}` });
  expect(code).toBe(1);
});

test('a database with anything in it is not restored over, and neither is another one than the processes use', async () => {
  const target = await empty();
  await createUser(actor, { email: 'eve@example.test', name: 'Eve', role: 'admin' });
  const before = await rowsOf(target);
  expect(String(await restored(target, file))).toContain('This database is not empty: there are rows in');
  expect(await rowsOf(target)).toBe(before);
  const other = await empty();
  use(target);
  expect(String(await restored(other, file))).toContain('another database than DATABASE_URL');
  expect(await rowsOf(other)).toBe(0);
});

test('a restore that is killed in the middle leaves an empty database, into which it is restored again', async () => {
  const target = await empty();
  await withClient(target.ownerUrl, async (owner) => {
    // Rows of a table in the middle wait for a lock that this test holds.
    await owner.query('select pg_advisory_lock(7)');
    await owner.query(
      `create function wait_here() returns trigger language plpgsql as
       $$ begin perform pg_advisory_xact_lock(7); return new; end $$`,
    );
    await owner.query(
      'create trigger wait_here before insert on secret_versions for each row execute function wait_here()',
    );
    const child = spawn(process.execPath, ['cli/rekey.mjs', 'restore', file], { env: process.env });
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const waiting = async () =>
      (await owner.query(`select 1 from pg_locks where locktype = 'advisory' and not granted`)).rowCount;
    await expect.poll(waiting, { timeout: 30_000 }).toBe(1);
    child.kill('SIGKILL');
    await ended;
    await owner.query('select pg_advisory_unlock(7)');
    await owner.query('drop function wait_here cascade');
  });
  expect(await rowsOf(target)).toBe(0);
  expect(await restored(target, file)).toMatchObject({ rekeyBackup: 1 });
});
