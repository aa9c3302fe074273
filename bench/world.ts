import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { type Asked, type Asking, startAsked } from '#bench/child.ts';
import type { PeersHandlers } from '#bench/peers.ts';
import { startRedis } from '#bench/redis.ts';
import { freePort } from '#scripts/launcher/ports.ts';
import { ensureDatabase, startPostgres } from '#scripts/launcher/postgres.ts';
import { deploy } from '#scripts/migrations.ts';

/** What all benchmarks share: one durable Postgres, the peers, and a way to start further processes. */
export interface World {
  peers: Asked<PeersHandlers>;
  /** Starts `bench/<script>.ts`. Whoever does not stop it leaves that to the end of the world. */
  start<H extends Asking>(script: string, env?: Readonly<Record<string, string>>): Promise<Asked<H>>;
  /** The address of the database that is not the engine's. */
  floorUrl: string;
  /** The address of the engine's database for its owner, who may define things in it. */
  subjectUrl: string;
  /** Another database, migrated and empty. */
  database(name: string): Promise<{ ownerUrl: string; appUrl: string }>;
  /** The address of a Redis of our own; null where this machine has none. */
  redis(): Promise<string | null>;
}

type Stop = () => Promise<void>;

const fileSystem = (folder: string) =>
  fs.statfsSync(folder).type === 0x01021994 ? 'in memory (tmpfs)' : 'on disk';

async function startDurablePostgres(folder: string, stops: Stop[]) {
  const postgres = await startPostgres({
    directory: folder,
    port: await freePort(26_400),
    password: 'bench',
  });
  stops.push(postgres.stop);
  const client = new pg.Client({ connectionString: postgres.url('postgres') });
  await client.connect();
  const { rows } = await client.query<{ fsync: string; commit: string; version: string }>(
    `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
            current_setting('server_version') as version`,
  );
  await client.end();
  const { fsync, commit, version } = rows[0] ?? {};
  if (fsync !== 'on' || commit !== 'on') {
    throw new Error(
      `Postgres would not keep what it commits (fsync ${fsync}, synchronous_commit ${commit}).`,
    );
  }
  console.log(`Postgres ${version}, fsync on, synchronous_commit on, data ${fileSystem(folder)}`);
  return postgres;
}

/** Tells, by NOTIFY, when a version becomes current and when a rotation ends or is held: nothing polls beside the engine. */
const TELL = `
  create function bench_tell() returns trigger language plpgsql as $$
  begin
    perform pg_notify('bench', new.credential_id || ' ' ||
      case tg_table_name when 'secret_versions' then 'current'
      else coalesce(to_jsonb(new)->>'outcome', 'held: ' || (to_jsonb(new)->>'hold') || ': ' ||
        coalesce(left(to_jsonb(new)->>'hold_detail', 1000), '')) end);
    return null;
  end $$;
  create trigger bench_ended after update of outcome, hold on rotations for each row
    when (new.outcome is distinct from old.outcome or (new.hold is distinct from old.hold and new.hold is not null))
    execute function bench_tell();
  create trigger bench_current after update of state on secret_versions for each row
    when (new.state = 'current' and old.state <> 'current') execute function bench_tell()`;

async function migrate(ownerUrl: string): Promise<void> {
  await deploy(ownerUrl, 'rekey_app');
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  await client.query(TELL);
  await client.end();
}

function environment(appUrl: string, floorUrl: string, folder: string): NodeJS.ProcessEnv {
  const key = () => randomBytes(32).toString('base64');
  return {
    PATH: process.env.PATH,
    NODE_ENV: 'production',
    DATABASE_URL: appUrl,
    REKEY_URL: 'http://localhost:3000',
    REKEY_DATA_DIR: path.join(folder, 'data'),
    REKEY_ALLOW_HOSTS: '127.0.0.1',
    REKEY_MASTER_KEYS: `m1:${key()}`,
    REKEY_FINGERPRINT_KEY: key(),
    REKEY_SESSION_KEY: key(),
    REKEY_TOKEN_KEY: key(),
    REKEY_AUDIT_KEY: key(),
    REKEY_LOG_LEVEL: 'warn',
    BENCH_MARKS: process.env.BENCH_MARKS,
    BENCH_SIGNING_KEY: key(),
    BENCH_FLOOR_URL: floorUrl,
  };
}

/** Starts processes one after the other, each with a log of its own. */
function starter(base: NodeJS.ProcessEnv, logDir: string, stops: Stop[]): World['start'] {
  let count = 0;
  return async (script, env = {}) => {
    count += 1;
    const options = { env: { ...base, ...env }, logDir };
    const child = await startAsked<never>(`${script}-${count}`, `bench/${script}.ts`, options);
    stops.push(child.stop);
    return child;
  };
}

async function buildWorld(folder: string, stops: Stop[]): Promise<World> {
  const postgres = await startDurablePostgres(path.join(folder, 'postgres'), stops);
  const subject = await ensureDatabase(postgres, 'rekey', 'bench');
  const floor = await ensureDatabase(postgres, 'floor', 'bench');
  await migrate(subject.ownerUrl);
  const env = environment(subject.appUrl, floor.ownerUrl, folder);
  const logDir = logsOf(folder);
  const peers = await starter(env, logDir, stops)<PeersHandlers>('peers');
  const peersUrl = await peers.ask('url', undefined);
  let redis: Promise<string | null> | undefined;
  const keepRedis = async () => {
    const started = await startRedis(fs.mkdtempSync(path.join(folder, 'redis-')));
    if (started === null) {
      return null;
    }
    stops.push(started.stop);
    return started.url;
  };
  return {
    peers,
    start: starter({ ...env, BENCH_PEERS_URL: peersUrl }, logDir, stops),
    floorUrl: floor.ownerUrl,
    subjectUrl: subject.ownerUrl,
    database: async (name) => {
      const made = await ensureDatabase(postgres, name, 'bench');
      await deploy(made.ownerUrl, 'rekey_app');
      return made;
    },
    redis: () => {
      redis ??= keepRedis();
      return redis;
    },
  };
}

const logsOf = (folder: string) => path.join(folder, 'logs');

/** What the processes said, which is removed with the folder. */
function printLogs(folder: string): void {
  const logs = fs.existsSync(logsOf(folder)) ? fs.readdirSync(logsOf(folder)) : [];
  for (const name of logs) {
    const text = fs
      .readFileSync(path.join(logsOf(folder), name), 'utf8')
      .slice(-2000)
      .trim();
    if (text !== '') {
      console.error(`\n== the end of ${name}\n${text}`);
    }
  }
}

const interrupted = () =>
  new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM']) {
      process.once(signal, () => reject(new Error('Interrupted.')));
    }
  });

/** Starts what all benchmarks share, lets `use` run, and stops and removes everything, however that ends. */
export async function withWorld<T>(use: (world: World) => Promise<T>): Promise<T> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-bench-'));
  fs.chmodSync(folder, 0o755);
  const stops: Stop[] = [async () => fs.rmSync(folder, { recursive: true, force: true })];
  try {
    return await Promise.race([buildWorld(folder, stops).then(use), interrupted()]);
  } catch (error) {
    printLogs(folder);
    throw error;
  } finally {
    for (const stop of stops.reverse()) {
      await stop();
    }
  }
}
