import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import * as wasm from '@prisma/schema-engine-wasm/schema_engine_bg';
import { runMigrations as migrateQueue } from 'bullmq';
import pg from 'pg';
import { QUEUE_NAME } from '#lib/queue.ts';

/*
 * Prisma Migrate on Prisma's own WebAssembly engine: the same history table and checksums as `prisma migrate`,
 * without the engine binary that the Prisma CLI would download.
 */

const root = path.resolve(import.meta.dirname, '..');
const migrationsDir = path.join(root, 'prisma/migrations');
const schemaPath = path.join(root, 'prisma/schema.prisma');
const sqlDir = path.join(root, 'prisma/sql');
const filters = { externalTables: [], externalEnums: [] };

interface PanicRegistry {
  message: string;
  set_message(message: string): void;
}

let loaded = false;

function loadEngine(): void {
  if (loaded) {
    return;
  }
  const registry: PanicRegistry = {
    message: '',
    set_message(message) {
      this.message = message;
    },
  };
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: registry });
  const glue = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const bytes = fs.readFileSync(path.join(path.dirname(glue), 'schema_engine_bg.wasm'));
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    './schema_engine_bg.js': wasm,
  } as unknown as WebAssembly.Imports);
  wasm.__wbg_set_wasm(instance.exports);
  (instance.exports.__wbindgen_start as () => void)();
  loaded = true;
}

const schemaFile = () => ({ path: 'schema.prisma', content: fs.readFileSync(schemaPath, 'utf8') });

function migrationNames(): string[] {
  return fs
    .readdirSync(migrationsDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

function migrationsList(): wasm.MigrationList {
  const lockfile = path.join(migrationsDir, 'migration_lock.toml');
  return {
    baseDir: migrationsDir,
    shadowDbInitScript: '',
    lockfile: { path: 'migration_lock.toml', content: fs.readFileSync(lockfile, 'utf8') },
    migrationDirectories: migrationNames().map((name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: {
          tag: 'ok',
          value: fs.readFileSync(path.join(migrationsDir, name, 'migration.sql'), 'utf8'),
        },
      },
    })),
  };
}

type PgAdapter = Awaited<ReturnType<PrismaPg['connect']>>;

/** Two corrections of adapter-pg 7.10 for the engine's own statements; each says what breaks without it. */
function correct(adapter: PgAdapter): PgAdapter {
  // executeScript splits at every `;`, which tears function bodies apart and is not atomic.
  adapter.executeScript = async (sql) => {
    await adapter.underlyingDriver().query(sql);
  };
  // The catalog's "char" columns (type 18) are unknown to the adapter; the engine expects characters.
  const inner = adapter as unknown as {
    performIO(query: unknown): Promise<{ fields?: { dataTypeID: number }[] }>;
    queryRaw(query: object): Promise<{ columnTypes: number[] }>;
  };
  const characters = new WeakMap<object, number[]>();
  const performIO = inner.performIO.bind(inner);
  inner.performIO = async (query) => {
    const result = await performIO(query);
    const columns: number[] = [];
    result.fields?.forEach((field, index) => {
      if (field.dataTypeID === 18) {
        field.dataTypeID = 25;
        columns.push(index);
      }
    });
    characters.set(query as object, columns);
    return result;
  };
  const queryRaw = inner.queryRaw.bind(inner);
  inner.queryRaw = async (query) => {
    const result = await queryRaw(query);
    for (const index of characters.get(query) ?? []) {
      result.columnTypes[index] = ColumnTypeEnum.Character;
    }
    return result;
  };
  return adapter;
}

async function withEngine<T>(url: string, use: (engine: wasm.SchemaEngine) => Promise<T>): Promise<T> {
  loadEngine();
  const open: PgAdapter[] = [];
  // One connection, so that the engine's advisory lock and its DDL share a session.
  const inner = new PrismaPg({ connectionString: url, max: 1 });
  const factory = bindMigrationAwareSqlAdapterFactory({
    provider: inner.provider,
    adapterName: inner.adapterName,
    connect: async () => {
      const adapter = correct(await inner.connect());
      open.push(adapter);
      return adapter;
    },
    connectToShadowDb: () => inner.connectToShadowDb(),
  });
  let engine: wasm.SchemaEngine | undefined;
  try {
    const { path: name, content } = schemaFile();
    engine = await wasm.SchemaEngine.new({ datamodels: [[name, content]] }, () => {}, factory);
    return await use(engine);
  } catch (error) {
    const message = error instanceof Error ? error.message : JSON.stringify(error);
    const id = /External error id#(\d+)/.exec(message)?.[1];
    const cause = id === undefined ? undefined : factory.errorRegistry.consumeError(Number(id))?.error;
    throw new Error(`The database engine failed: ${cause instanceof Error ? cause.message : message}`, {
      cause: error,
    });
  } finally {
    engine?.free();
    await Promise.all(open.map((adapter) => adapter.dispose()));
  }
}

export async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** Gives the application's role what it needs, and no more: it can add audit rows but never change them. */
async function grant(client: pg.Client, appRole: string): Promise<void> {
  const role = pg.escapeIdentifier(appRole);
  await client.query(`
    grant usage on schema public, bullmq to ${role};
    grant select, insert, update, delete on all tables in schema public, bullmq to ${role};
    grant usage, select on all sequences in schema public, bullmq to ${role};
    grant execute on all functions in schema public, bullmq to ${role};
    revoke update, delete, truncate on audit_events, audit_leaves, audit_batches, audit_keys from ${role};
    revoke insert, update, delete, truncate on audit_detachments from ${role};
    revoke insert, update, delete on _prisma_migrations from ${role};
  `);
}

/**
 * BullMQ makes a sequence for each queue when entries are first added in bulk, even though ours have names of their own. The
 * application's role may not make anything, so it is made here.
 */
async function makeQueueSequence(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>('select bullmq.job_id_seq_name($1) as name', [
    QUEUE_NAME,
  ]);
  for (const { name } of rows) {
    await client.query(`create sequence if not exists bullmq.${pg.escapeIdentifier(name)}`);
  }
}

// Any number that nothing else locks in this database; Prisma's own is 72707369.
const DEPLOY_LOCK = 84_200_613;

/** Refuses before anything is changed: without its role the application could not read what the migrations make. */
async function requireRole(client: pg.Client, role: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role]);
  if (rowCount === 0) {
    throw new Error(
      `DATABASE_URL signs in as ${role}, and this Postgres has no such role. Make it first, as docker/postgres-init.sql does. Nothing was changed.`,
    );
  }
}

/**
 * Applies the pending migrations and the queue's own, then the grants for `appRole`. Answers the names applied.
 * Several processes may call it at the same time: they take turns.
 */
export async function deploy(ownerUrl: string, appRole: string | null): Promise<string[]> {
  return withClient(ownerUrl, async (client) => {
    if (appRole !== null) await requireRole(client, appRole);
    // Prisma's lock covers its migrations only; two sets of grants at once end with "tuple concurrently updated".
    await client.query('select pg_advisory_lock($1)', [DEPLOY_LOCK]);
    const applied = await withEngine(ownerUrl, (engine) =>
      engine.applyMigrations({ migrationsList: migrationsList(), filters }),
    );
    await migrateQueue(client);
    await makeQueueSequence(client);
    if (appRole !== null) {
      await grant(client, appRole);
    }
    return applied.appliedMigrationNames;
  });
}

async function withScratchDatabase<T>(url: string, use: (scratchUrl: string) => Promise<T>): Promise<T> {
  const name = `rekey_scratch_${process.pid}_${Date.now()}`;
  const scratch = new URL(url);
  scratch.pathname = `/${name}`;
  await withClient(url, (client) => client.query(`create database ${name}`));
  try {
    return await use(scratch.toString());
  } finally {
    await withClient(url, (client) => client.query(`drop database if exists ${name} with (force)`));
  }
}

interface DatabaseFunction {
  name: string;
  body: string;
}

async function databaseFunctions(client: pg.Client): Promise<DatabaseFunction[]> {
  const { rows } = await client.query<DatabaseFunction>(
    `select p.proname as name, pg_get_functiondef(p.oid) as body from pg_proc p
      where p.pronamespace = 'public'::regnamespace order by p.proname, p.oid`,
  );
  return rows;
}

/** Whether the files, one function each and named after it, say anything else than the database has. */
async function functionsDiffer(client: pg.Client, directory: string): Promise<boolean> {
  const files = fs.readdirSync(directory).sort();
  const before = await databaseFunctions(client);
  if (before.map((made) => `${made.name}.sql`).join() !== files.join()) {
    return true;
  }
  for (const file of files) {
    await client.query(fs.readFileSync(path.join(directory, file), 'utf8'));
  }
  return JSON.stringify(await databaseFunctions(client)) !== JSON.stringify(before);
}

/**
 * Replays the migrations into a scratch database and compares. `sql` is what schema.prisma has and the migrations
 * lack; `functions` is true when prisma/sql/ differs from what the migrations made.
 */
export async function compareWithSchema(
  url: string,
  functionFiles = sqlDir,
): Promise<{ sql: string | null; functions: boolean }> {
  return withScratchDatabase(url, async (scratch) => {
    if (migrationNames().length > 0) {
      await withEngine(scratch, (engine) =>
        engine.applyMigrations({ migrationsList: migrationsList(), filters }),
      );
    }
    const difference = await withEngine(scratch, (engine) =>
      engine.diff({
        from: { tag: 'schemaDatasource', files: [schemaFile()], configDir: root },
        to: { tag: 'schemaDatamodel', files: [schemaFile()] },
        script: true,
        exitCode: true,
        filters,
        shadowDatabaseUrl: null,
      } as wasm.DiffParams),
    );
    const functions = await withClient(scratch, (client) => functionsDiffer(client, functionFiles));
    return { sql: difference.exitCode === 2 ? difference.stdout : null, functions };
  });
}

/** Writes a new migration with what schema.prisma has and the migrations lack. Read it before committing it. */
export async function create(url: string, name: string): Promise<string | null> {
  const { sql } = await compareWithSchema(url);
  if (sql === null) {
    return null;
  }
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const directory = path.join(migrationsDir, `${stamp}_${name}`);
  fs.mkdirSync(directory, { recursive: true });
  fs.writeFileSync(path.join(directory, 'migration.sql'), sql);
  return directory;
}
