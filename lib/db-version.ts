import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { Pool, PoolClient } from 'pg';

function knownMigrations(): string[] {
  return readdirSync(path.resolve('prisma/migrations'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

const NOT_GRANTED =
  'The role of DATABASE_URL was not given what it needs in this database. Run "npm run db:migrate -- deploy" with DATABASE_URL and REKEY_MIGRATION_URL, then start again.';

/** Postgres' code for a privilege that is missing. */
const isDenied = (error: unknown) => error instanceof Error && 'code' in error && error.code === '42501';

/** The names of the migrations that were applied, in their order. */
export async function appliedMigrations(pool: Pool | PoolClient): Promise<string[]> {
  const { rows: found } = await pool.query<{ history: string | null }>(
    `select to_regclass('_prisma_migrations') as history`,
  );
  if (found[0]?.history == null) {
    return [];
  }
  const { rows } = await pool
    .query<{ name: string }>(
      `select migration_name as name from _prisma_migrations
        where finished_at is not null and rolled_back_at is null order by 1`,
    )
    .catch((error: unknown) => {
      throw isDenied(error) ? new Error(NOT_GRANTED, { cause: error }) : error;
    });
  return rows.map((row) => row.name);
}

/** The migrations the database lacks, and those it has that this code does not know. */
export async function compareMigrations(pool: Pool): Promise<{ pending: string[]; unknown: string[] }> {
  const applied = await appliedMigrations(pool);
  const known = knownMigrations();
  return {
    pending: known.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !known.includes(name)),
  };
}

/** Refuses a database that is older or newer than this code: working on it could lose data. */
export async function requireSameVersion(pool: Pool): Promise<void> {
  const { pending, unknown } = await compareMigrations(pool);
  if (unknown.length > 0) {
    throw new Error(
      `The database is newer than this Rekey: it has the migration ${unknown[0]}, which this version does not know. Start the newer version again; nothing was changed.`,
    );
  }
  if (pending.length > 0) {
    throw new Error(
      `The database lacks the migration ${pending[0]}. Run "npm run db:migrate -- deploy" with REKEY_MIGRATION_URL, then start again.`,
    );
  }
}
