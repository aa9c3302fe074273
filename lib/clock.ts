import { db } from '#lib/db.ts';

/** The database's time, the only one that deadlines are compared with. */
export async function databaseTime(): Promise<Date> {
  const { rows } = await db().pool.query<{ now: Date }>('select rekey_now() as now');
  const now = rows[0]?.now;
  if (now === undefined) {
    throw new Error('The database did not tell the time.');
  }
  return now;
}

/**
 * Starts to measure; answers how many milliseconds have passed since. By two clocks, because one of them stands still while a
 * machine sleeps, and the other is set back by people.
 */
export function stopwatch(): () => number {
  const since = performance.now();
  const wallSince = Date.now();
  return () => Math.max(performance.now() - since, Date.now() - wallSince);
}
