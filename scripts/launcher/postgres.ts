import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '#scripts/launcher/ports.ts';
import { arrange, findRunner, keepHome, type Runner } from '#scripts/launcher/postgres-home.ts';

export interface Postgres {
  port: number;
  /** Where its data is: the wanted folder, or one under /var/lib where that is closed to the user who runs it. */
  data: string;
  /** The address of a database, with the superuser's name and password. */
  url(database: string): string;
  /** Settles when the server has ended, wanted or not. */
  ended: Promise<number | null>;
  stop(): Promise<void>;
}

/** Something else listens at the port; nothing of ours runs. */
export class PortTaken extends Error {}

const PORTS_TRIED = 5;

interface Options {
  /** Holds `pgdata`, or `home`, which says where that is; made when missing. */
  directory: string;
  port: number;
  password: string;
  /** False only for tests: a crash of the machine may then lose data. */
  durable?: boolean;
}

function initialise(native: string, data: string, password: string, who: Runner | null): void {
  const file = path.join(path.dirname(data), `.password-${randomBytes(6).toString('hex')}`);
  fs.writeFileSync(file, password, { mode: 0o600 });
  if (who !== null) {
    fs.chownSync(path.dirname(data), who.uid, who.gid);
    fs.chownSync(file, who.uid, who.gid);
  }
  try {
    execFileSync(
      path.join(native, 'bin/initdb'),
      [
        `--pgdata=${data}`,
        '--username=postgres',
        '--auth=scram-sha-256',
        `--pwfile=${file}`,
        '--encoding=UTF8',
      ].concat(['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions']),
      { stdio: ['ignore', 'ignore', 'pipe'], cwd: path.dirname(data), ...who },
    );
  } catch (error) {
    fs.rmSync(data, { recursive: true, force: true });
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new Error(`The database could not be created in ${data}: ${said}`);
  } finally {
    fs.rmSync(file, { force: true });
  }
}

function processOf(data: string): number | null {
  const file = path.join(data, 'postmaster.pid');
  const pid = fs.existsSync(file) ? Number(fs.readFileSync(file, 'utf8').split('\n')[0]) : 0;
  try {
    return pid > 0 && process.kill(pid, 0) ? pid : null;
  } catch {
    return null;
  }
}

// A shell holds our pipe and waits: when this process is gone, however it went, the pipe closes and Postgres stops.
const KEEPER = `exec 3<&0; "$0" "$@" <&- 3<&- & pg=$!; ( cat <&3 >/dev/null; kill -INT $pg ) 2>/dev/null & wait $pg`;

function run(native: string, data: string, options: Options, who: Runner | null): ChildProcess {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'timezone=UTC',
    `fsync=${options.durable === false ? 'off' : 'on'}`,
    'log_min_messages=fatal',
  ].flatMap((setting) => ['-c', setting]);
  return spawn(
    '/bin/sh',
    ['-c', KEEPER, path.join(native, 'bin/postgres'), '-D', data, '-p', String(options.port), ...settings],
    { cwd: data, detached: true, stdio: ['pipe', 'ignore', 'pipe'], ...who },
  );
}

/** The data folder of the server that answers; null while none answers. Throws when it refuses the password. */
async function answeringData(url: string): Promise<string | null> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    await client.end();
    return rows[0]?.data_directory ?? null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === '28P01') {
      throw error;
    }
    return null;
  }
}

async function waitUntilReady(
  url: string,
  data: string,
  child: ChildProcess,
  said: () => string,
): Promise<void> {
  let refusals = 0;
  for (let tries = 0; tries < 1200; tries += 1) {
    await sleep(50);
    if (child.exitCode !== null || child.signalCode !== null) {
      const ended = `Postgres ended while starting: ${said()}`;
      throw /could not create any TCP\/IP sockets/.test(said()) ? new PortTaken(ended) : new Error(ended);
    }
    try {
      if ((await answeringData(url)) === data) {
        return;
      }
    } catch {
      // Another server may hold the port; ours then ends within moments and says so.
      refusals += 1;
      if (refusals > 20) {
        throw new Error(
          'The database refuses the password in the data folder: keys.json does not belong to this database. Put the right keys.json back and start again.',
        );
      }
    }
  }
  throw new Error(`Postgres did not answer within a minute. It said: ${said()}`);
}

/** After a hard kill of the launcher its Postgres needs a moment to stop; starting a second one on the same data is refused. */
async function waitUntilFree(data: string): Promise<void> {
  for (let tries = 0; tries < 100 && processOf(data) !== null; tries += 1) {
    await sleep(100);
  }
}

/**
 * Starts the packaged Postgres on a loopback port; makes its data folder first when there was none. Throws `PortTaken` where
 * something else listens there, and refuses where the data of an earlier start is not to be had.
 */
export async function startPostgres(options: Options): Promise<Postgres> {
  const who = findRunner();
  fs.mkdirSync(options.directory, { recursive: true });
  const { native, home } = arrange(options.directory, who);
  fs.mkdirSync(home, { recursive: true });
  // Postgres tells the folder it was given, and that is how it is recognised: links are resolved before.
  const data = path.join(fs.realpathSync(home), 'pgdata');
  if (!fs.existsSync(path.join(data, 'PG_VERSION'))) {
    fs.rmSync(data, { recursive: true, force: true });
    initialise(native, data, options.password, who);
  }
  keepHome(options.directory, home);
  await waitUntilFree(data);
  const child = run(native, data, options, who);
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-2000);
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = (database: string) =>
    `postgresql://postgres:${options.password}@127.0.0.1:${options.port}/${database}`;
  const stop = async () => {
    child.stdin?.end();
    await ended;
  };
  try {
    await waitUntilReady(url('postgres'), data, child, () => said.trim());
  } catch (error) {
    await stop();
    throw error;
  }
  return { port: options.port, data, url, ended, stop };
}

/**
 * Starts it on the port or, where another program was quicker there, on one of the next that are free. Postgres alone knows: a
 * port that was free a moment ago may be another's by the time it listens.
 */
export async function startPostgresNear(options: Options): Promise<Postgres> {
  for (let port = options.port, tries = 1; ; tries += 1) {
    try {
      return await startPostgres({ ...options, port });
    } catch (error) {
      if (!(error instanceof PortTaken) || tries === PORTS_TRIED) {
        throw error;
      }
      port = await freePort(port + 1);
    }
  }
}

/** Makes a database owned by `rekey_owner` and the role `rekey_app`, when missing. The password serves both. */
export async function ensureDatabase(
  postgres: Postgres,
  name: string,
  password: string,
): Promise<{ ownerUrl: string; appUrl: string }> {
  const client = new pg.Client({ connectionString: postgres.url('postgres') });
  await client.connect();
  try {
    const { rows: roles } = await client.query<{ rolname: string }>('select rolname from pg_roles');
    for (const role of ['rekey_owner', 'rekey_app']) {
      if (!roles.some((row) => row.rolname === role)) {
        const createdb = role === 'rekey_owner' ? 'createdb' : '';
        await client.query(`create role ${role} login ${createdb} password ${pg.escapeLiteral(password)}`);
      }
    }
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) {
      await client.query(`create database ${pg.escapeIdentifier(name)} owner rekey_owner`);
    }
  } finally {
    await client.end();
  }
  const url = (role: string) => `postgresql://${role}:${password}@127.0.0.1:${postgres.port}/${name}`;
  return { ownerUrl: url('rekey_owner'), appUrl: url('rekey_app') };
}
