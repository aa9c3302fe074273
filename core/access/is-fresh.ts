import type { Database } from '#lib/db.ts';

const STEP_UP_MS = 5 * 60_000;

/** Whether a proof of who somebody is, given at that time, still counts for a step-up: for five minutes, by the database's clock. */
export async function isFresh({ pool }: Database, provenAt: Date): Promise<boolean> {
  const { rows } = await pool.query<{ fresh: boolean }>(
    `select $1::timestamptz > rekey_now() - make_interval(secs => $2) as fresh`,
    [provenAt, STEP_UP_MS / 1000],
  );
  return rows[0]?.fresh === true;
}
