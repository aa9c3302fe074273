import fs from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '#scripts/launcher/ports.ts';
import {
  ensureDatabase,
  PortTaken,
  type Postgres,
  startPostgres,
  startPostgresNear,
} from '#scripts/launcher/postgres.ts';
import { withClient } from '#scripts/migrations.ts';
import { scratchFolder } from '#tests/support/folder.ts';
import { startProcess } from '#tests/support/starter.ts';

const password = 'pw';

/** Starts a Postgres for one test; it is stopped when the test ends, before its folder is removed. */
async function start(directory: string, port: number, more: { password?: string } = {}): Promise<Postgres> {
  const postgres = await startPostgres({ directory, port, password, durable: false, ...more });
  onTestFinished(() => postgres.stop());
  return postgres;
}

/** Another process that starts a Postgres and stores one row in it. */
function startStarter(directory: string, port: number) {
  return startProcess(`
    import { startPostgres } from '#scripts/launcher/postgres.ts';
    import { withClient } from '#scripts/migrations.ts';
    const options = ${JSON.stringify({ directory, port, password })};
    const postgres = await startPostgres(options);
    await withClient(postgres.url('postgres'), (client) =>
      client.query('create table kept as select 42 as n'));
    console.log('ready');
    setInterval(() => {}, 1000);`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function waitUntilClosed(port: number): Promise<void> {
  for (let tries = 0; tries < 150 && (await answers(port)); tries += 1) {
    await sleep(100);
  }
  expect(await answers(port)).toBe(false);
}

async function one(postgres: Postgres, query: string): Promise<unknown> {
  const { rows } = await withClient(postgres.url('postgres'), (client) =>
    client.query<Record<string, unknown>>(query),
  );
  return Object.values(rows[0] ?? {})[0];
}

const wanted = () => freePort(31_000 + (process.pid % 9000));

test('it starts from nothing, listens on loopback only, stops, and keeps its data for the next start', async () => {
  const directory = path.join(scratchFolder(), 'postgres');
  const port = await wanted();
  const first = await startPostgres({ directory, port, password });
  expect(await one(first, 'show listen_addresses')).toBe('127.0.0.1');
  expect(await one(first, 'show unix_socket_directories')).toBe('');
  expect(await one(first, 'show fsync')).toBe('on');
  await one(first, 'create table kept as select 42 as n');
  await first.stop();
  expect(await answers(port)).toBe(false);
  expect(fs.readdirSync(directory)).toEqual(['home', 'pgdata']);
  const second = await start(directory, port);
  expect(await one(second, 'select n from kept')).toBe(42);
});

test('when the process that started it is killed, Postgres stops by itself', async () => {
  const port = await wanted();
  const starter = await startStarter(path.join(scratchFolder(), 'postgres'), port);
  expect(await answers(port)).toBe(true);
  await starter.kill();
  await waitUntilClosed(port);
});

test('a start right after such a kill waits for the old one, and finds what was committed', async () => {
  const directory = path.join(scratchFolder(), 'postgres');
  const port = await wanted();
  const starter = await startStarter(directory, port);
  await starter.kill();
  const postgres = await start(directory, port);
  expect(await one(postgres, 'select n from kept')).toBe(42);
});

test('with a password that is not its own the start fails, says so and leaves nothing running', async () => {
  const directory = path.join(scratchFolder(), 'postgres');
  const port = await wanted();
  await (await start(directory, port)).stop();
  await expect(start(directory, port, { password: 'other' })).rejects.toThrow(
    /keys\.json does not belong to this database/,
  );
  expect(await answers(port)).toBe(false);
  const again = await start(directory, port);
  expect(await one(again, 'select 1')).toBe(1);
});

test('a port that something else holds fails the start', async () => {
  const squatter = net.createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    squatter.close();
  });
  const { port } = squatter.address() as AddressInfo;
  const directory = path.join(scratchFolder(), 'postgres');
  await expect(start(directory, port)).rejects.toThrow('Postgres ended while starting');
});

test('another Postgres on the same port is never taken for ours', async () => {
  const port = await wanted();
  const theirs = await start(path.join(scratchFolder(), 'postgres'), port);
  for (const given of [password, 'other']) {
    const directory = path.join(scratchFolder(), 'postgres');
    await expect(start(directory, port, { password: given })).rejects.toThrow('ended while starting');
  }
  expect(await one(theirs, 'select 1')).toBe(1);
});

test('two that are started at once with the same port each get a port of their own', async () => {
  const port = await wanted();
  const both = await Promise.all(
    [1, 2].map(async () => {
      const directory = path.join(scratchFolder(), 'postgres');
      const postgres = await startPostgresNear({ directory, port, password, durable: false });
      onTestFinished(() => postgres.stop());
      return postgres;
    }),
  );
  expect(new Set(both.map((postgres) => postgres.port)).size).toBe(2);
  for (const postgres of both) {
    expect(await one(postgres, 'show port')).toBe(String(postgres.port));
    expect(await one(postgres, 'show data_directory')).toBe(postgres.data);
  }
  const directory = path.join(scratchFolder(), 'postgres');
  await expect(start(directory, both[0]?.port ?? 0)).rejects.toBeInstanceOf(PortTaken);
});

test('a folder that other users cannot enter works too, and root does not open it for them', async () => {
  const closed = path.join(scratchFolder(), 'closed');
  fs.mkdirSync(closed, { mode: 0o700 });
  const directory = path.join(closed, 'postgres');
  const port = await wanted();
  const postgres = await startPostgres({ directory, port, password, durable: false });
  const home = path.dirname(String(await one(postgres, 'show data_directory')));
  onTestFinished(() => fs.rmSync(home, { recursive: true, force: true }));
  expect(home.startsWith(closed)).toBe(process.getuid?.() !== 0);
  for (const entry of fs.existsSync(path.join(home, 'native'))
    ? fs.readdirSync(path.join(home, 'native/lib'))
    : []) {
    // A link back into the checkout would work here and fail under a closed folder.
    expect(fs.realpathSync(path.join(home, 'native/lib', entry))).toContain(home);
  }
  await one(postgres, 'create table kept as select 42 as n');
  await postgres.stop();
  expect(fs.statSync(closed).mode & 0o777).toBe(0o700);
  const again = await start(directory, port);
  expect(await one(again, 'select n from kept')).toBe(42);
});

const isRoot = process.getuid?.() === 0;

/** A Postgres that ran once in a folder under this one, with one row in it. */
async function startOnce(parent: string, mode: number): Promise<{ directory: string; home: string }> {
  fs.mkdirSync(parent, { mode });
  const directory = path.join(parent, 'postgres');
  const postgres = await startPostgres({ directory, port: await wanted(), password, durable: false });
  await one(postgres, 'create table kept as select 42 as n');
  await postgres.stop();
  const home = path.dirname(postgres.data);
  onTestFinished(() => fs.rmSync(home, { recursive: true, force: true }));
  return { directory, home };
}

// Anybody but root runs Postgres in the folder itself, whoever may enter it.
test.skipIf(!isRoot)('root is refused where a folder was closed after its database was made', async () => {
  const parent = path.join(scratchFolder(), 'data');
  const { directory } = await startOnce(parent, 0o755);
  const port = await wanted();
  for (const isKept of [true, false]) {
    // As a start left it that wrote nothing down.
    if (!isKept) fs.rmSync(path.join(directory, 'home'));
    fs.chmodSync(parent, 0o700);
    await expect(start(directory, port)).rejects.toThrow(
      /cannot enter that folder.*chmod.*Nothing was changed/,
    );
    fs.chmodSync(parent, 0o755);
    const again = await start(directory, port);
    expect(await one(again, 'select n from kept')).toBe(42);
    await again.stop();
  }
});

test.each([
  ['that others may enter', 0o755],
  ['that is closed to others', 0o700],
])('a folder %s keeps its database when it is renamed', async (_, mode) => {
  const scratch = scratchFolder();
  await startOnce(path.join(scratch, 'before'), mode);
  fs.renameSync(path.join(scratch, 'before'), path.join(scratch, 'after'));
  const again = await start(path.join(scratch, 'after/postgres'), await wanted());
  expect(await one(again, 'select n from kept')).toBe(42);
});

test('where its database is gone a start is refused, and makes no empty one', async () => {
  const { directory, home } = await startOnce(path.join(scratchFolder(), 'data'), 0o700);
  fs.rmSync(path.join(home, 'pgdata'), { recursive: true });
  await expect(start(directory, await wanted())).rejects.toThrow(/cannot be found there.*Put it back/);
  expect(fs.existsSync(path.join(home, 'pgdata'))).toBe(false);
});

test('a note of where the database is that leads anywhere else is not believed', async () => {
  const { directory } = await startOnce(path.join(scratchFolder(), 'data'), 0o755);
  fs.writeFileSync(path.join(directory, 'home'), scratchFolder());
  await expect(start(directory, await wanted())).rejects.toThrow('it does not say where the database is');
});

test.skipIf(!isRoot)('of two databases that older starts left, none is taken unasked', async () => {
  const parent = path.join(scratchFolder(), 'data');
  const { directory, home } = await startOnce(parent, 0o700);
  fs.rmSync(path.join(directory, 'home'));
  fs.cpSync(path.join(home, 'pgdata'), path.join(directory, 'pgdata'), { recursive: true });
  await expect(start(directory, await wanted())).rejects.toThrow(/two databases.*Nothing was changed/);
});

test('a folder that is reached through a link starts too', async () => {
  const scratch = scratchFolder();
  fs.mkdirSync(path.join(scratch, 'real'), { mode: 0o755 });
  fs.symlinkSync(path.join(scratch, 'real'), path.join(scratch, 'link'));
  const postgres = await start(path.join(scratch, 'link', 'postgres'), await wanted());
  expect(await one(postgres, 'select 1')).toBe(1);
});

test('the database and both roles are made once, and neither role is a superuser', async () => {
  const postgres = await start(path.join(scratchFolder(), 'postgres'), await wanted());
  const urls = await ensureDatabase(postgres, 'rekey', 'new');
  expect(await ensureDatabase(postgres, 'rekey', 'new')).toEqual(urls);
  for (const url of [urls.ownerUrl, urls.appUrl]) {
    const { rows } = await withClient(url, (client) =>
      client.query(
        `select rolsuper, rolcreaterole, rolreplication, rolbypassrls from pg_roles where rolname = current_user`,
      ),
    );
    expect(rows).toEqual([
      { rolsuper: false, rolcreaterole: false, rolreplication: false, rolbypassrls: false },
    ]);
  }
});
