import { db } from '#lib/db.ts';
import type { Ring } from '#lib/queue.ts';

/**
 * The sweep's question: rotations whose time has come and that nobody works on, because a ring was lost, a wait is
 * over or a worker died. The most urgent first. What is paused is left out, unless that left a consumer without a secret
 * that works.
 */
export async function findDueRotations(limit: number): Promise<Ring[]> {
  const { rows } = await db().pool.query<Ring>(
    `select id as "rotationId", fence from rotations r
      where outcome is null and hold is null and next_attempt_at <= rekey_now()
        and (lease_until is null or lease_until < rekey_now())
        and ((not exists (select 1 from standstill)
              and credential_id not in (select id from credentials where paused_at is not null)
              and credential_id not in (select c.id from issuers i join credentials c on c.issuer_id = i.id
                                         where i.paused_at is not null))
          or goes_on_in_pause(r))
      order by array_position(array['breach', 'manual', 'scheduled'], priority), next_attempt_at
      limit $1`,
    [limit],
  );
  return rows;
}
