import type { PoolClient } from 'pg';
import pg from 'pg';
import type { AuditActor } from '#core/audit/events.ts';
import type { BackedUpTable, Header } from '#core/backup/format.ts';
import { readBackup } from '#core/backup/lines.ts';
import { beginRestoration, TAKE_AS_OWN } from '#core/backup/restoration.ts';
import { tablesToKeep } from '#core/backup/tables.ts';
import { open, VaultError } from '#core/vault/seal.ts';
import { sealedTables } from '#core/vault/sealed-tables.ts';
import { type Database, openDatabase } from '#lib/db.ts';
import { appliedMigrations } from '#lib/db-version.ts';
import { Problem } from '#lib/problem.ts';

const AT_A_TIME = 500;
const nothing = 'Nothing was changed.';

const refused = (code: string, sentence: string) => new Problem(409, code, `${sentence} ${nothing}`);

/** The tables look as they did when the backup was made, or rows would not fit. */
function requireMigrations({ migrations, version }: Header, applied: readonly string[]): void {
  const unknown = migrations.find((name) => !applied.includes(name));
  if (unknown !== undefined) {
    throw refused(
      'newer_backup',
      `This backup was made by Rekey ${version}, with the migration ${unknown}, which this database does not have. Apply the migrations of that version first: npm run db:migrate -- deploy.`,
    );
  }
  const more = applied.find((name) => !migrations.includes(name));
  if (more !== undefined) {
    throw refused(
      'older_backup',
      `This backup was made by Rekey ${version}, before the migration ${more}, which this database has. Restore it into an empty database with the version that made it, then upgrade.`,
    );
  }
}

async function requireEmpty(client: PoolClient, tables: readonly BackedUpTable[]): Promise<void> {
  for (const { name } of tables) {
    const { rows } = await client.query(`select 1 from ${pg.escapeIdentifier(name)} limit 1`);
    if (rows.length > 0) {
      throw refused(
        'not_empty',
        `This database is not empty: there are rows in ${name}. A backup is restored into a database that only migrations were applied to; events of an audit log cannot be taken away to make room. Create another database.`,
      );
    }
  }
}

/** Both pieces of the environment have to mean the same database, or a restored one would be looked for elsewhere. */
async function requireSameDatabase(client: PoolClient, app: Database): Promise<void> {
  const ask = 'select database_identity() as identity';
  const [owners, apps] = await Promise.all([
    client.query<{ identity: string }>(ask),
    app.pool.query<{ identity: string }>(ask),
  ]);
  if (owners.rows[0]?.identity !== apps.rows[0]?.identity) {
    throw refused('other_database', 'REKEY_MIGRATION_URL leads to another database than DATABASE_URL.');
  }
}

async function prepare(client: PoolClient, header: Header): Promise<void> {
  requireMigrations(header, await appliedMigrations(client));
  const known = await tablesToKeep(client);
  const wrong = header.tables.find(
    ({ name, columns }) => known.find((table) => table.name === name)?.columns.join() !== columns.join(),
  );
  if (wrong !== undefined || known.length !== header.tables.length) {
    throw refused('other_tables', `The tables of this database are not those of the backup.`);
  }
  // Whoever writes waits for the end of this transaction, so what was empty stays so.
  const names = header.tables.map(({ name }) => pg.escapeIdentifier(name)).join(', ');
  await client.query(`lock table ${names} in exclusive mode`);
  await requireEmpty(client, header.tables);
}

/** Puts rows in, many with one statement. */
class Filler {
  readonly #client: PoolClient;
  readonly #tables: readonly BackedUpTable[];
  #table = -1;
  #lines: string[] = [];

  constructor(client: PoolClient, { tables }: Header) {
    this.#client = client;
    this.#tables = tables;
  }

  async add(table: number, line: string): Promise<void> {
    if (table !== this.#table || this.#lines.length === AT_A_TIME) {
      await this.flush();
      this.#table = table;
    }
    this.#lines.push(line);
  }

  async flush(): Promise<void> {
    const table = this.#tables[this.#table];
    if (table !== undefined && this.#lines.length > 0) {
      const name = pg.escapeIdentifier(table.name);
      const columns = table.columns.map((column) => pg.escapeIdentifier(column)).join(', ');
      await this.#client.query(
        `insert into ${name} (${columns}) select ${columns} from json_populate_recordset(null::${name}, $1::json)`,
        [`[${this.#lines.join(',')}]`],
      );
    }
    this.#lines = [];
  }
}

/**
 * One value of each table and master key is opened: a key of the same name may be another one. What opened for nobody when the
 * backup was made, because its key had gone, opens for nobody now.
 */
async function requireOpening(client: PoolClient, { master }: Header['keys']): Promise<void> {
  for (const table of await sealedTables({ pool: client })) {
    const { rows } = await client.query<{ id: string; sealed: string }>(
      `select distinct on (split_part(sealed, '.', 2)) id, sealed from ${table}
        where sealed is not null and split_part(sealed, '.', 2) = any($1)`,
      [master],
    );
    for (const { id, sealed } of rows) {
      try {
        open({ table, id, field: 'sealed' }, sealed);
      } catch (error) {
        throw error instanceof VaultError ? refused('wrong_keys', error.message) : error;
      }
    }
  }
}

async function fill(client: PoolClient, file: string, header: Header, actor: AuditActor): Promise<void> {
  await prepare(client, header);
  const filler = new Filler(client, header);
  await readBackup(
    file,
    async (again) => {
      if (again.id !== header.id) throw refused('other_file', `${file} became another file meanwhile.`);
    },
    (table, line) => filler.add(table, line),
  );
  await filler.flush();
  for (const { name, last } of header.sequences) {
    await client.query('select setval($1::regclass, $2::bigint)', [pg.escapeIdentifier(name), last]);
  }
  await requireOpening(client, header.keys);
  await client.query(TAKE_AS_OWN);
  const detail = `This database came out of the backup ${header.id}, made ${header.madeAt} by Rekey ${header.version}. What was rotated, revoked or changed after that is not in it.`;
  await beginRestoration(client, { how: 'backup', detail, actor }, { anew: true });
}

/**
 * Fills an empty, migrated database from a backup, in one transaction: a restore that fails or is killed leaves it empty. The
 * file is read whole once before the database is touched. `ownerUrl` leads there with the owner's role, `app` with the
 * application's. Nothing runs on it afterwards before it was compared with issuers and targets. Throws a `Problem` that
 * says why not: other keys, a damaged file, other migrations, a database that is not empty.
 */
export async function restoreBackup(
  file: string,
  { ownerUrl, app, actor }: { ownerUrl: string; app: Database; actor: AuditActor },
): Promise<Header> {
  const header = await readBackup(
    file,
    async () => {},
    async () => {},
  );
  const owner = openDatabase(ownerUrl, 1);
  const client = await owner.pool.connect();
  try {
    requireMigrations(header, await appliedMigrations(client));
    await requireSameDatabase(client, app);
    await client.query('begin');
    await fill(client, file, header, actor);
    await client.query('commit');
    return header;
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  } finally {
    client.release();
    await owner.close();
  }
}
