import type { PoolClient } from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { db, inTransaction, openDatabase, unwrapped } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { withClient } from '#scripts/migrations.ts';

test('a time has the same meaning for Prisma and for SQL, whatever the time zone of the database is', async () => {
  const url = process.env.DATABASE_URL ?? '';
  const admin = openDatabase(url);
  await admin.pool.query(
    `alter role current_user in database ${new URL(url).pathname.slice(1)} set timezone = 'America/New_York'`,
  );
  await admin.close();
  const database = openDatabase(url);
  onTestFinished(() => database.close());
  const [{ now } = { now: new Date(0) }] = await database.prisma.$queryRaw<
    { now: Date }[]
  >`select now() as now`;
  const wanted = new Date('2026-07-01T12:00:00.000Z');
  await database.prisma.policy.create({
    data: { name: 'zone', intervalSeconds: 60, timeZone: 'UTC', graceSeconds: 0, createdAt: wanted },
  });
  const { rows } = await database.pool.query<{ epoch: string; now: string }>(
    `select extract(epoch from created_at) as epoch, extract(epoch from now()) as now from policies where name = 'zone'`,
  );
  expect(Number(rows[0]?.epoch) * 1000).toBe(wanted.getTime());
  expect(Math.abs(Number(rows[0]?.now) * 1000 - now.getTime())).toBeLessThan(60_000);
  expect((await database.prisma.policy.findUniqueOrThrow({ where: { name: 'zone' } })).createdAt).toEqual(
    wanted,
  );
});

test('no statement is compiled, however large the log is that it is planned to read', async () => {
  const { rows } = await db().pool.query('show jit');
  expect(rows).toEqual([{ jit: 'off' }]);
});

/** Ends the server's side of a connection, and waits until this side has heard of it. */
async function breakConnection(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  // Not `events.once`, which would listen to errors too.
  const heard = new Promise<void>((resolve) => client.once('end', resolve));
  await withClient(inject('postgresUrl'), (admin) =>
    admin.query('select pg_terminate_backend($1)', [rows[0]?.pid]),
  );
  await heard;
}

/** What would have ended this process while the test ran. */
function uncaught(): unknown[] {
  const errors: unknown[] = [];
  const note = (error: unknown) => errors.push(error);
  process.on('uncaughtException', note);
  onTestFinished(() => void process.off('uncaughtException', note));
  return errors;
}

test('a taken connection that breaks between two statements fails the work that has it, and the process lives on', async () => {
  const errors = uncaught();
  const database = openDatabase(process.env.DATABASE_URL ?? '', 1);
  onTestFinished(() => database.close());
  const client = await database.pool.connect();
  await breakConnection(client);
  await expect(client.query('select 1')).rejects.toThrow('not queryable');
  client.release();
  expect((await database.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  expect(errors).toEqual([]);
});

test('a transaction whose connection breaks stores nothing and throws what the work threw, and the next one is served', async () => {
  const errors = uncaught();
  const add = (client: PoolClient) =>
    client.query(
      `insert into policies (id, name, interval_seconds, time_zone, grace_seconds) values ($1, 'broken', 60, 'UTC', 0)`,
      [newId()],
    );
  const work = inTransaction(async (client) => {
    await add(client);
    await breakConnection(client);
    throw new Error('what the work threw');
  });
  await expect(work).rejects.toThrow('what the work threw');
  expect(await db().prisma.policy.count({ where: { name: 'broken' } })).toBe(0);
  await inTransaction(add);
  expect(await db().prisma.policy.count({ where: { name: 'broken' } })).toBe(1);
  expect(errors).toEqual([]);
});

test('a statement that waits in vain for a connection is refused as a problem that says so, also where Prisma asks', async () => {
  const database = openDatabase(process.env.DATABASE_URL ?? '', 1);
  onTestFinished(() => database.close());
  const holder = await database.pool.connect();
  onTestFinished(() => holder.release());
  database.pool.options.connectionTimeoutMillis = 20;
  const busy = { name: 'Problem', status: 503, code: 'busy' };
  await expect(database.pool.query('select 1')).rejects.toMatchObject(busy);
  await expect(database.pool.connect()).rejects.toMatchObject(busy);
  const { prisma } = database;
  expect(unwrapped(await prisma.policy.count().catch((error) => error))).toMatchObject(busy);
  const transaction = prisma.$transaction(async (tx) => tx.policy.count());
  expect(unwrapped(await transaction.catch((error) => error))).toMatchObject(busy);
});
