import { db } from '#lib/db.ts';
import type { Ring } from '#lib/queue.ts';

/**
 * The sweep's question: rotations whose time has come and that nobody works on, because a ring was lost, a wait is
 * over or a worker died. The most urgent first. What is paused is left out, unless a consumer has no secret that works.
 */
export async function findDueRotations(limit: number): Promise<Ring[]> {
  const { rows } = await db().pool.query<Ring>(
    `select id as "rotationId", fence from rotations
      where outcome is null and hold is null and next_attempt_at <= rekey_now()
        and (lease_until is null or lease_until < rekey_now())
        and ((gap_started_at is not null and gap_ended_at is null)
          or (not exists (select 1 from standstill)
              and credential_id not in (select c.id from credentials c join issuers i on i.id = c.issuer_id
                                         where c.paused_at is not null or i.paused_at is not null)))
      order by array_position(array['breach', 'manual', 'scheduled'], priority), next_attempt_at
      limit $1`,
    [limit],
  );
  return rows;
}
