import fs from 'node:fs';
import path from 'node:path';
import { askSocket, shortestPath } from '#lib/told-sockets.ts';

/* The environment that a running `npm start` gave its processes, for commands on the same server. */

const fileIn = (dataDir: string) => path.join(dataDir, 'server.env');

/** What commands on the server read, beside what is set already. */
const names = [
  'DATABASE_URL',
  'REKEY_MIGRATION_URL',
  'REKEY_URL',
  'REKEY_DATA_DIR',
  'REKEY_FILE_ROOTS',
  'REKEY_ALLOW_HOSTS',
  'REKEY_MASTER_KEYS',
  'REKEY_FINGERPRINT_KEY',
  'REKEY_SESSION_KEY',
  'REKEY_TOKEN_KEY',
  'REKEY_AUDIT_KEY',
];

/**
 * Keeps it in the data folder, readable by the owner only. What `given` has is left out: whoever set it sets it for a command too, and
 * keys that were opened from a file or by Vault are not to lie here. So the keys in it are those of keys.json beside it.
 */
export function keepServerEnv(dataDir: string, env: NodeJS.ProcessEnv, given: NodeJS.ProcessEnv): void {
  const lines = names
    .filter((name) => !given[name])
    .flatMap((name) => (env[name] ? [`${name}="${env[name]}"\n`] : []));
  const temporary = `${fileIn(dataDir)}.new`;
  fs.writeFileSync(temporary, lines.join(''), { mode: 0o600 });
  fs.renameSync(temporary, fileIn(dataDir));
}

/** Takes it away again, when what it leads to stops. */
export const forgetServerEnv = (dataDir: string) => fs.rmSync(fileIn(dataDir), { force: true });

/**
 * Takes over what is not set here from what runs in this data folder. Where nothing does, also where it was killed and left its
 * environment behind, or where a database is named already, which may be another one's, everything stays as it is.
 */
export async function takeServerEnv(dataDir: string): Promise<void> {
  if (process.env.DATABASE_URL || !fs.existsSync(fileIn(dataDir))) {
    return;
  }
  if ((await askSocket(shortestPath(path.join(dataDir, 'lock')))) !== null) {
    process.loadEnvFile(fileIn(dataDir));
  }
}
