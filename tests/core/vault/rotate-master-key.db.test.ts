import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { rotateMasterKey } from '#core/vault/rotate-master-key.ts';
import { open, seal } from '#core/vault/seal.ts';
import { countByKey, sealedTables } from '#core/vault/sealed-tables.ts';
import { db } from '#lib/db.ts';
import { env } from '#lib/env.ts';
import { newId } from '#lib/new-id.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { addCredential, addIssuer } from '#tests/support/listed-world.ts';
import { auditBodies, makeUser } from '#tests/support/users.ts';

const actor = { kind: 'system' as const, id: null, name: 'test' };
const key = (fill: number) => Buffer.alloc(32, fill);
const M1: [string, Buffer] = ['m1', key(1)];
const M2: [string, Buffer] = ['m2', key(9)];
const TABLES = [
  'bindings',
  'credentials',
  'issuers',
  'notifiers',
  'second_factors',
  'secret_versions',
  'targets',
  'webhook_secrets',
];

/** The keyring of this process; the first key seals. */
function useKeys(...keys: [string, Buffer][]): void {
  const keyring = env().REKEY_MASTER_KEYS;
  keyring.clear();
  for (const [id, value] of keys) keyring.set(id, value);
}

const placeOf = (table: string, id: string) => ({ table, id, field: 'sealed' });
const secretOf = (table: string, id: string) => `secret of ${table} ${id}`;

async function query<T>(sql: string, values: unknown[] = []): Promise<T[]> {
  return (await db().pool.query(sql, values)).rows as T[];
}

const rowsOf = (table: string) =>
  query<{ id: string; sealed: string }>(`select id, sealed from ${table} where sealed is not null`);

/** Seals a text of its own into every row of every table that holds sealed values. */
async function sealEverything(): Promise<void> {
  for (const table of TABLES) {
    for (const { id } of await query<{ id: string }>(`select id from ${table}`)) {
      const sealed = seal(placeOf(table, id), new Plaintext(secretOf(table, id)));
      await query(`update ${table} set sealed = $2 where id = $1`, [id, sealed]);
    }
  }
}

async function expectEverythingOpens(keyId: string): Promise<void> {
  for (const table of TABLES) {
    const rows = await rowsOf(table);
    expect(rows.length, table).toBeGreaterThan(0);
    for (const { id, sealed } of rows) {
      expect(sealed).toMatch(new RegExp(`^v1\\.${keyId}\\.`));
      expect(open(placeOf(table, id), sealed).expose()).toBe(secretOf(table, id));
    }
  }
}

/** At least one row in each of the tables. */
async function fill(): Promise<void> {
  const { prisma } = db();
  const name = newId();
  const credentialId = await addCredential({ name, issuerId: await addIssuer(name) });
  const target = await prisma.target.create({ data: { name, kind: 'dotenv', config: {} } });
  await prisma.binding.create({
    data: { credentialId, targetId: target.id, place: {}, fields: {}, needs: 'accepted' },
  });
  await prisma.notifier.create({ data: { id: newId(), name, kind: 'webhook', config: {}, notices: [] } });
  const url = 'https://example.com/';
  const made = { id: newId(), name, url, events: ['*'], position: 0, createdBy: {} };
  const { id: endpointId } = await prisma.webhookEndpoint.create({ data: made });
  await prisma.webhookSecret.create({
    data: { id: newId(), endpointId, sealed: 'none yet', hint: 'none' },
  });
  const { id: userId } = await makeUser();
  await prisma.secondFactor.create({ data: { userId, sealed: 'none yet' } });
}

/** Many versions of one credential: several batches. */
async function addVersions(count: number): Promise<void> {
  const [first] = await query<{ credential_id: string }>(`select credential_id from secret_versions limit 1`);
  await query(
    `insert into secret_versions (id, credential_id, n, state, sealed, fingerprint)
     select gen_random_uuid(), $1, (select max(v.n) from secret_versions v) + n, 'revoked', 'none yet', 'f'
       from generate_series(1, $2) n`,
    [first?.credential_id, count],
  );
}

beforeEach(async () => {
  useKeys(M1);
  if ((await rowsOf('secret_versions')).length === 0) await fill();
  await sealEverything();
});
afterEach(() => vi.restoreAllMocks());

test('the tables with sealed values are those of the schema, and a row in each of them is known to this test', async () => {
  const schema = fs.readFileSync('prisma/schema.prisma', 'utf8');
  const models = [...schema.matchAll(/^model [\s\S]*?^}/gm)].map(([text]) => text);
  const declared = models
    .filter((text) => /^ {2}sealed\b/m.test(text))
    .map((text) => /@@map\("(\w+)"\)/.exec(text)?.[1] ?? '');
  expect(await sealedTables(db())).toEqual(declared.sort());
  expect(declared).toEqual(TABLES);
});

test('every value of every table opens with the new key alone, and each is what it was', async () => {
  useKeys(M2, M1);
  const found = await rotateMasterKey(db(), actor);
  expect(found).toMatchObject({ to: 'm2', broken: [] });
  expect(found.values).toBeGreaterThanOrEqual(TABLES.length);
  useKeys(M2);
  await expectEverythingOpens('m2');
  expect(await countByKey(db())).toEqual([{ key: 'm2', seals: true, known: true, values: found.values }]);
});

test('it is told before the first value changes, and again once a key seals nothing any more', async () => {
  useKeys(M2, M1);
  const begun = (await auditBodies('key.rotation_begun')).length;
  await expect(
    rotateMasterKey(db(), actor, () => {
      throw new Error('the process ends here');
    }),
  ).rejects.toThrow('ends here');
  expect((await auditBodies('key.rotation_begun')).length).toBe(begun + 1);
  const ended = (await auditBodies('key.rotated')).length;
  await rotateMasterKey(db(), actor);
  expect((await auditBodies('key.rotated')).slice(ended)).toMatchObject([
    { key: 'master', from: 'm1', to: 'm2' },
  ]);
  const all = (await auditBodies('key.rotation_begun')).length;
  await rotateMasterKey(db(), actor);
  expect((await auditBodies('key.rotation_begun')).length, 'nothing was left to do').toBe(all);
});

const environment = () => ({
  ...process.env,
  REKEY_MASTER_KEYS: [M2, M1].map(([id, value]) => `${id}:${value.toString('base64')}`).join(','),
});

test('a run that is killed after its first batch has lost nothing, and the next run goes on', async () => {
  await addVersions(250);
  await sealEverything();
  const script = `import { rotateMasterKey } from '#core/vault/rotate-master-key.ts';
    import { db } from '#lib/db.ts';
    await rotateMasterKey(db(), { kind: 'system', id: null, name: 'test' }, ({ table }) => {
      if (table === 'secret_versions') process.kill(process.pid, 'SIGKILL');
    });`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    env: environment(),
  });
  expect(await new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)))).toBe(
    'SIGKILL',
  );
  useKeys(M2, M1);
  const [to, from] = await countByKey(db());
  expect(to?.values).toBeGreaterThanOrEqual(100);
  expect(from?.values).toBeGreaterThanOrEqual(100);
  const { values, uses } = await rotateMasterKey(db(), actor);
  expect(values).toBe(from?.values);
  expect(uses).toMatchObject([{ key: 'm2' }, { key: 'm1', values: 0 }]);
  useKeys(M2);
  await expectEverythingOpens('m2');
});

test('two runs at once seal every value once between them, and each value is what it was', async () => {
  await addVersions(250);
  await sealEverything();
  useKeys(M2, M1);
  const all = (await countByKey(db())).find(({ key: id }) => id === 'm1')?.values ?? 0;
  const [one, other] = await Promise.all([rotateMasterKey(db(), actor), rotateMasterKey(db(), actor)]);
  expect(one.values + other.values).toBe(all);
  expect([...one.broken, ...other.broken]).toEqual([]);
  useKeys(M2);
  await expectEverythingOpens('m2');
});

test('a value that a worker writes between reading and storing is kept, and then sealed with the new key', async () => {
  useKeys(M1);
  const [row] = await rowsOf('secret_versions');
  const id = row?.id ?? '';
  const newer = seal(placeOf('secret_versions', id), new Plaintext('written meanwhile'));
  useKeys(M2, M1);
  const { pool } = db();
  const real = pool.query.bind(pool) as (text: string, values?: unknown[]) => Promise<unknown>;
  let written = false;
  vi.spyOn(pool, 'query').mockImplementation((async (text: string, values?: unknown[]) => {
    const answer = await real(text, values);
    if (!written && /^select id, sealed from secret_versions/.test(text)) {
      written = true;
      await real(`update secret_versions set sealed = $2 where id = $1`, [id, newer]);
    }
    return answer;
  }) as never);
  await rotateMasterKey(db(), actor);
  vi.restoreAllMocks();
  expect(written).toBe(true);
  const after = (await rowsOf('secret_versions')).find((one) => one.id === id);
  expect(after?.sealed).toMatch(/^v1\.m2\./);
  expect(open(placeOf('secret_versions', id), after?.sealed ?? '').expose()).toBe('written meanwhile');
});

test('a row that a commit holds is passed over without waiting, and sealed anew once it is free', async () => {
  useKeys(M2, M1);
  const [row] = await rowsOf('secret_versions');
  const id = row?.id ?? '';
  const holder = await db().pool.connect();
  await holder.query('begin');
  await holder.query(`update secret_versions set hint = 'held' where id = $1`, [id]);
  const tables = new Set<string>();
  const run = rotateMasterKey(db(), actor, ({ table }) => tables.add(table));
  try {
    // A table after the one with the held row is reached while that row is still held.
    await expect.poll(() => tables.has('targets'), { timeout: 20_000, interval: 20 }).toBe(true);
  } finally {
    await holder.query('commit');
    holder.release();
  }
  const { uses } = await run;
  expect(uses).toMatchObject([{ key: 'm2' }, { key: 'm1', values: 0 }]);
  const [after] = await query<{ hint: string; sealed: string }>(
    'select hint, sealed from secret_versions where id = $1',
    [id],
  );
  expect(after?.hint).toBe('held');
  expect(after?.sealed).toMatch(/^v1\.m2\./);
});

async function command(...args: string[]): Promise<{ code: number; said: string }> {
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['cli/rekey.mjs', 'keys', 'rotate', ...args],
      { env: environment() },
    );
    return { code: 0, said: stdout };
  } catch (error) {
    const failed = error as { code: number; stdout: string; stderr: string };
    return { code: failed.code, said: failed.stdout + failed.stderr };
  }
}

test('--dry-run counts per key, changes nothing, and ends with 2 while there is something to do; the command says which key can be taken out', async () => {
  const before = await rowsOf('secret_versions');
  const dry = await command('--dry-run');
  expect(dry.code).toBe(2);
  expect(dry.said).toMatch(/m2 \(the first one: it seals\): 0 values\n {2}m1: \d+ values/);
  expect(dry.said).toContain('keep it in REKEY_MASTER_KEYS');
  expect(await rowsOf('secret_versions')).toEqual(before);
  const { code, said } = await command();
  expect(code).toBe(0);
  expect(said).toContain('m1 seals nothing.');
  expect(said).not.toContain('secret of');
  expect(await command('--dry-run')).toMatchObject({
    code: 0,
    said: expect.stringContaining('Nothing was changed, and there is nothing to do.'),
  });
});

test('a value whose key is gone or that was altered is named and left as it is, and the rest goes on', async () => {
  const [row] = await rowsOf('targets');
  const sealed = row?.sealed.replace('v1.m1.', 'v1.m0.') ?? '';
  await query('update targets set sealed = $2 where id = $1', [row?.id, sealed]);
  const { code, said } = await command();
  expect(code).toBe(1);
  expect(said).toContain(`The sealed of targets ${row?.id} was sealed with the master key "m0"`);
  expect(said).toContain('m0 (NOT in REKEY_MASTER_KEYS): 1 value');
  expect(said).toContain('m1 seals nothing.');
  expect((await rowsOf('targets')).map((one) => one.sealed)).toContain(sealed);
});
