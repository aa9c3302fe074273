import { KEPT_DAYS } from '#core/webhooks/endpoint-input.ts';
import { db } from '#lib/db.ts';

const AT_A_TIME = 5000;

/** Removes messages that were sent or given up and are older than 30 days, and secrets that sign nothing any more. For the sweep. */
export async function forgetOldMessages(): Promise<void> {
  const { pool } = db();
  await pool.query('delete from webhook_secrets where ends_at <= rekey_now()');
  let removed: number | null;
  do {
    ({ rowCount: removed } = await pool.query(
      `delete from webhook_messages where id in (
         select id from webhook_messages
          where created_at < rekey_now() - make_interval(days => $1) and next_at is null limit $2)`,
      [KEPT_DAYS, AT_A_TIME],
    ));
  } while (removed === AT_A_TIME);
}
