import type { Postgres } from '#scripts/launcher/postgres.ts';
import { startTemporaryPostgres } from '#scripts/launcher/temporary-postgres.ts';
import type { RunningServer } from '#tests/interop/servers.ts';
import { asSuperuser } from '#tests/support/own-postgres.ts';

export interface RunningPostgres extends RunningServer {
  readonly postgres: Postgres;
}

/** The PostgreSQL that comes with Rekey's packages: it is always here. */
export async function startPostgresql(): Promise<RunningPostgres> {
  const postgres = await startTemporaryPostgres();
  const [row] = await asSuperuser(postgres, `select current_setting('server_version') as version`);
  return { version: `PostgreSQL ${row?.version}`, postgres, stop: postgres.stop };
}
