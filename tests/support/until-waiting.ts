import { db } from '#lib/db.ts';

/** Waits until some statement of this test's database waits for a lock that another transaction has. */
export async function untilWaiting(): Promise<void> {
  for (let round = 0; round < 1000; round += 1) {
    const { rows } = await db().pool.query<{ waits: boolean }>(
      `select exists (select 1 from pg_stat_activity
                       where datname = current_database() and wait_event_type = 'Lock') as waits`,
    );
    if (rows[0]?.waits === true) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('Nothing came to wait for a lock.');
}
