import { db } from '#lib/db.ts';

/** Waits until so many statements of this test's database wait for a lock that another transaction has. */
export async function untilWaiting(count = 1): Promise<void> {
  for (let round = 0; round < 1000; round += 1) {
    const { rows } = await db().pool.query<{ waiting: number }>(
      `select count(*)::int as waiting from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if ((rows[0]?.waiting ?? 0) >= count) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('Nothing came to wait for a lock.');
}
