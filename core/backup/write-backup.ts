import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { PoolClient } from 'pg';
import pg from 'pg';
import { type Header, headerSchema, placeOf } from '#core/backup/format.ts';
import { describeKeys } from '#core/backup/keys.ts';
import { tablesToKeep } from '#core/backup/tables.ts';
import { seal } from '#core/vault/seal.ts';
import { countByKey, type KeyUse } from '#core/vault/sealed-tables.ts';
import { type Database, db } from '#lib/db.ts';
import { appliedMigrations } from '#lib/db-version.ts';
import { newId } from '#lib/new-id.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { Problem } from '#lib/problem.ts';
import { productVersion } from '#lib/product-version.ts';

const AT_A_TIME = 1000;

const quoted = (columns: readonly string[]) => columns.map((name) => pg.escapeIdentifier(name)).join(', ');

/** One look at the whole database: what is committed while it is read is in all of the backup or in none of it. */
async function inSnapshot<T>(database: Database, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await database.pool.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    return await work(client);
  } finally {
    await client.query('rollback').catch(() => {});
    client.release();
  }
}

async function headerFor(client: PoolClient, uses: readonly KeyUse[]): Promise<Header> {
  const id = newId();
  const tables: Header['tables'] = [];
  for (const { name, columns } of await tablesToKeep(client)) {
    const { rows } = await client.query<{ n: number }>(
      `select count(*)::int as n from ${pg.escapeIdentifier(name)}`,
    );
    tables.push({ name, columns: [...columns], rows: rows[0]?.n ?? 0 });
  }
  const { rows: sequences } = await client.query<{ name: string; last: string }>(
    `select sequencename as name, last_value::text as last from pg_sequences
      where schemaname = current_schema() and last_value is not null order by 1`,
  );
  const { rows: now } = await client.query<{ at: Date }>('select rekey_now() as at');
  return headerSchema.parse({
    rekeyBackup: 1,
    id,
    madeAt: now[0]?.at.toISOString(),
    version: productVersion(),
    migrations: await appliedMigrations(client),
    tables,
    sequences,
    keys: describeKeys(id, uses),
  });
}

async function* rowsOf(client: PoolClient, { name, columns }: Header['tables'][number]) {
  await client.query(
    `declare backup no scroll cursor for
     select row_to_json(t)::text as line from (select ${quoted(columns)} from ${pg.escapeIdentifier(name)}) t`,
  );
  for (;;) {
    const { rows } = await client.query<{ line: string }>(`fetch ${AT_A_TIME} from backup`);
    if (rows.length === 0) break;
    // One piece for many rows, so that a large table does not come in steps of a line.
    yield rows.map(({ line }) => `${line}\n`).join('');
  }
  await client.query('close backup');
}

async function* contentOf(client: PoolClient, header: Header): AsyncGenerator<string> {
  const hash = createHash('sha256');
  const told = (text: string) => {
    hash.update(text);
    return text;
  };
  yield told(`${JSON.stringify(header)}\n`);
  for (const table of header.tables) {
    for await (const lines of rowsOf(client, table)) yield told(lines);
  }
  const sha256 = hash.digest('hex');
  const sealed = seal(placeOf(header.id, 'sha256'), new Plaintext(sha256));
  yield `${JSON.stringify({ sha256, sealed })}\n`;
}

/** Under its own name only once it is whole and on the disk. */
async function writeWhole(file: string, content: AsyncGenerator<string>): Promise<void> {
  const partial = `${file}.${process.pid}.partial`;
  try {
    await pipeline(
      Readable.from(content),
      createGzip(),
      createWriteStream(partial, { flags: 'wx', mode: 0o600, flush: true }),
    );
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  const folder = await open(path.dirname(file), 'r');
  await folder.sync().finally(() => folder.close());
}

function explained(file: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^E[A-Z]+$/.test(code)
    ? new Problem(400, 'unwritable', `${file} cannot be written (${code}). No backup was made.`)
    : error;
}

/**
 * Writes one consistent backup of the whole database while Rekey runs, readable for its owner only (0600). Secrets are in it as they
 * are stored, sealed; no key is. A file of that name is replaced once the new one is whole, and not before. Answers the header, and
 * the master keys that are missing here, whose values open neither here nor in the backup.
 */
export async function writeBackup(file: string): Promise<Header & { missing: readonly KeyUse[] }> {
  return inSnapshot(db(), async (client) => {
    const uses = await countByKey({ pool: client });
    const header = await headerFor(client, uses);
    await writeWhole(path.resolve(file), contentOf(client, header)).catch((error) => {
      throw explained(file, error);
    });
    return { ...header, missing: uses.filter(({ known }) => !known) };
  });
}
