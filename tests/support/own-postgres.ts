import pg from 'pg';
import { afterAll } from 'vitest';
import type { Postgres } from '#scripts/launcher/postgres.ts';
import { startTemporaryPostgres } from '#scripts/launcher/temporary-postgres.ts';

let started: Promise<Postgres> | undefined;
let count = 0;

afterAll(async () => {
  if (started !== undefined) await (await started).stop();
});

/** The real PostgreSQL of this test file, started when it is first asked for and stopped at the file's end. */
export function ownPostgres(): Promise<Postgres> {
  started ??= startTemporaryPostgres();
  return started;
}

/** Runs statements as the superuser; answers the rows of the last one. */
export async function asSuperuser(
  postgres: Postgres,
  ...statements: string[]
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: postgres.url('postgres') });
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) rows = (await client.query(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

export interface OwnRoles {
  readonly postgres: Postgres;
  /** Ends the name of every role here, so that worlds of one server do not meet. */
  readonly suffix: string;
  readonly admin: string;
  readonly a: string;
  readonly b: string;
  sql(...statements: string[]): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
}

/**
 * A role that may rotate (CREATEROLE and no more), a first role that logs in with `initial-password` and a second one
 * that does not; both are members of an owner.
 */
export async function ownRoles(): Promise<OwnRoles> {
  const postgres = await ownPostgres();
  count += 1;
  const suffix = `w${count}`;
  const [admin, owner, a, b] = ['rotator', 'owner', 'app_a', 'app_b'].map((name) => `${name}_${suffix}`);
  if (admin === undefined || a === undefined || b === undefined) throw new Error('unreachable');
  const sql = (...statements: string[]) => asSuperuser(postgres, ...statements);
  await sql(
    `create role ${admin} login createrole password 'rotator-password'`,
    `create role ${owner}`,
    `create role ${a} login password 'initial-password' in role ${owner}`,
    `create role ${b} in role ${owner}`,
    `grant ${a}, ${b} to ${admin} with admin option, inherit false, set false`,
  );
  return {
    postgres,
    suffix,
    admin,
    a,
    b,
    sql,
    drop: async () => {
      await sql(`drop role if exists ${a}, ${b}, ${owner}, ${admin}`);
    },
  };
}
