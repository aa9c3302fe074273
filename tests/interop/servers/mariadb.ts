import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createConnection } from 'mysql2/promise';
import { certificate, privateKey } from '#tests/fakes/loopback-tls.ts';
import { ended, findProgram, freePort, until } from '#tests/interop/servers/binaries.ts';
import type { RunningServer } from '#tests/interop/servers.ts';

export interface RunningMariadb extends RunningServer {
  readonly port: number;
  /** Everything the server was asked, from its general log. */
  log(): string;
  /** Runs statements as root; answers the rows of the last one. */
  asRoot(...statements: string[]): Promise<Record<string, unknown>[]>;
}

/** A MariaDB server from a package of this machine, with TLS for the name `target.test`. */
export async function startMariadb(): Promise<RunningMariadb> {
  const how = 'apt-get install mariadb-server';
  const program = findProgram('mariadbd', 'mariadb', how);
  const install = findProgram('mariadb-install-db', 'mariadb', how);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-mariadb-'));
  const data = path.join(folder, 'data');
  const user = os.userInfo().username;
  const common = ['--no-defaults', `--datadir=${data}`, `--user=${user}`];
  const made = [...common, '--auth-root-authentication-method=normal', '--skip-test-db'];
  execFileSync(install, made, { stdio: ['ignore', 'ignore', 'pipe'] });
  fs.writeFileSync(path.join(folder, 'cert.pem'), certificate);
  fs.writeFileSync(path.join(folder, 'key.pem'), privateKey, { mode: 0o600 });
  const port = await freePort();
  const child = spawn(
    program,
    [
      ...common,
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      `--socket=${path.join(folder, 'socket')}`,
      `--pid-file=${path.join(folder, 'pid')}`,
      `--ssl-cert=${path.join(folder, 'cert.pem')}`,
      `--ssl-key=${path.join(folder, 'key.pem')}`,
      '--general-log=1',
      `--general-log-file=${path.join(folder, 'general.log')}`,
      '--skip-name-resolve',
      '--plugin-maturity=gamma',
    ],
    { stdio: 'ignore' },
  );
  const asRoot = async (...statements: string[]) => {
    const connection = await createConnection({ socketPath: path.join(folder, 'socket'), user: 'root' });
    try {
      let rows: unknown = [];
      for (const statement of statements) [rows] = await connection.query(statement);
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
    } finally {
      connection.destroy();
    }
  };
  const stop = async () => {
    await ended(child);
    fs.rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until('the start of mariadbd', () => asRoot('select 1'), child);
  } catch (error) {
    await stop();
    throw error;
  }
  const [row] = await asRoot('select version() as version');
  const version = `MariaDB ${String(row?.version).split('-')[0]}`;
  const log = () => fs.readFileSync(path.join(folder, 'general.log'), 'utf8');
  return { version, port, log, asRoot, stop };
}
