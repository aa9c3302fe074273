import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { ensureDatabase, type Postgres } from '#scripts/launcher/postgres.ts';
import { startTemporaryPostgres } from '#scripts/launcher/temporary-postgres.ts';
import { deploy } from '#scripts/migrations.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string;
  }
}

export const TEMPLATE = 'rekey_template';

/** The template's clock can be moved, and nothing else about it differs from a migrated database. */
const MOVABLE_CLOCK = `
  create table test_clock (shift interval not null);
  insert into test_clock values ('0');
  grant select, update on test_clock to rekey_app;
  create or replace function rekey_now() returns timestamptz
  language sql stable as $$ select now() + (select shift from public.test_clock) $$;
`;

/** Makes the migrated template that every test database is copied from. */
export async function makeTemplate(postgres: Postgres): Promise<void> {
  const { ownerUrl } = await ensureDatabase(postgres, TEMPLATE, 'temporary');
  await deploy(ownerUrl, 'rekey_app');
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  await client.query(MOVABLE_CLOCK);
  await client.end();
}

/** Vitest calls it once before all files that need a database. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startTemporaryPostgres();
  await makeTemplate(postgres);
  project.provide('postgresUrl', postgres.url('postgres'));
  return () => postgres.stop();
}
