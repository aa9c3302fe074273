import { db } from '#lib/db.ts';

const KEPT_DAYS = 30;
const AT_A_TIME = 5000;

/**
 * Removes notices that were sent or given up and are older than 30 days. One whose state still stands is kept: it is how it is known
 * that it was told of. For the sweep.
 */
export async function forgetOldNotices(): Promise<void> {
  let removed: number | null;
  do {
    ({ rowCount: removed } = await db().pool.query(
      `delete from notifications where id in (
         select t.id from notifications t
          where t.created_at < rekey_now() - make_interval(days => $1) and t.next_at is null
            and not exists (select from rotations r where r.id = t.subject and r.outcome is null)
            and not exists (select from secret_versions v join credentials c on c.id = v.credential_id
                             where v.id = t.subject and v.state = 'current' and c.archived_at is null)
            and not exists (select from issuers i where i.id = t.subject and i.health = 'unhealthy')
            and not exists (select from webhook_endpoints e
                             where e.id = t.subject and not e.enabled and e.off_because is not null)
          limit $2)`,
      [KEPT_DAYS, AT_A_TIME],
    ));
  } while (removed === AT_A_TIME);
}
