import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '#scripts/launcher/ports.ts';
import { type Postgres, startPostgres } from '#scripts/launcher/postgres.ts';

/** A Postgres for tests and tools: started from nothing, not durable, and removed with its data on `stop`. */
export async function startTemporaryPostgres(): Promise<Postgres> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-postgres-'));
  fs.chmodSync(directory, 0o755);
  const wanted = 20_000 + Math.floor(process.pid % 20_000);
  const postgres = await startPostgres({
    directory,
    port: await freePort(wanted),
    password: 'temporary',
    durable: false,
  });
  return {
    ...postgres,
    stop: async () => {
      await postgres.stop();
      fs.rmSync(directory, { recursive: true, force: true });
    },
  };
}
