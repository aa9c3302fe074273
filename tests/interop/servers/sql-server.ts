import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { type ConnectionOptions, createConnection } from 'mysql2/promise';
import { certificate, privateKey } from '#tests/fakes/loopback-tls.ts';
import { ended, freePort, until } from '#tests/interop/servers/binaries.ts';
import { dockerPorts, reached, stays } from '#tests/interop/servers/docker.ts';
import type { RunningServer } from '#tests/interop/servers.ts';

/** A server of MySQL or MariaDB, with TLS for the name `target.test`. */
export interface SqlServer extends RunningServer {
  readonly port: number;
  /** Everything the server was asked, from its general log. */
  log(): Promise<string>;
  /** Runs statements as root; answers the rows of the last one. */
  asRoot(...statements: string[]): Promise<Record<string, unknown>[]>;
}

/** Runs statements over a connection of their own; answers the rows of the last one. */
export async function runOver(
  options: ConnectionOptions,
  statements: readonly string[],
): Promise<Record<string, unknown>[]> {
  const connection = await createConnection(options);
  try {
    let rows: unknown = [];
    for (const statement of statements) [rows] = await connection.query(statement);
    return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
  } finally {
    connection.destroy();
  }
}

/** Starts a server whose data lie in `folder` already, on 127.0.0.1, and takes the folder away when it is stopped. */
export async function startSqlServer(
  brand: string,
  folder: string,
  [program, ...options]: readonly [string, ...string[]],
): Promise<SqlServer> {
  fs.writeFileSync(path.join(folder, 'cert.pem'), certificate);
  fs.writeFileSync(path.join(folder, 'key.pem'), privateKey, { mode: 0o600 });
  const port = await freePort();
  const listening = [
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    `--socket=${path.join(folder, 'socket')}`,
    `--pid-file=${path.join(folder, 'pid')}`,
    `--ssl-cert=${path.join(folder, 'cert.pem')}`,
    `--ssl-key=${path.join(folder, 'key.pem')}`,
    '--general-log=1',
    `--general-log-file=${path.join(folder, 'general.log')}`,
    '--skip-name-resolve',
  ];
  const child = spawn(program, [...options, ...listening], { stdio: 'ignore' });
  const asRoot = (...statements: string[]) =>
    runOver({ socketPath: path.join(folder, 'socket'), user: 'root' }, statements);
  const stop = async () => {
    await ended(child);
    fs.rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until(`the start of ${brand}`, () => asRoot('select 1'), child);
  } catch (error) {
    await stop();
    throw error;
  }
  const log = () => fs.promises.readFile(path.join(folder, 'general.log'), 'utf8');
  return { version: await versionOf(brand, asRoot), port, log, asRoot, stop };
}

async function versionOf(brand: string, asRoot: SqlServer['asRoot']): Promise<string> {
  const [row] = await asRoot('select version() as version');
  return `${brand} ${String(row?.version).split('-')[0]}`;
}

/** A server of docker/interop.yml. Its general log is a table. */
export async function sqlServerInDocker(brand: string, name: 'mysql' | 'mariadb'): Promise<SqlServer> {
  const port = dockerPorts[name];
  const asRoot = (...statements: string[]) =>
    runOver({ host: '127.0.0.1', port, user: 'root', password: 'root-password' }, statements);
  await reached(name, () => asRoot('select 1'));
  const log = async () => {
    const rows = await asRoot('select cast(argument as char) as said from mysql.general_log');
    return rows.map(({ said }) => String(said)).join('\n');
  };
  return { version: await versionOf(brand, asRoot), port, log, asRoot, stop: stays };
}
