import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '#lib/db.ts';

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
