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
