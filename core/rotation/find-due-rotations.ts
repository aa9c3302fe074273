import { db } from '#lib/db.ts';
import type { Ring } from '#lib/queue.ts';

/**
 * The sweep's question: rotations whose time has come and that nobody works on, because a ring was lost, a wait is
 * over or a worker died. The most urgent first.
 */
export async function findDueRotations(limit: number): Promise<Ring[]> {
  const { rows } = await db().pool.query<Ring>(
    `select id as "rotationId", fence from rotations
      where outcome is null and hold is null and next_attempt_at <= rekey_now()
        and (lease_until is null or lease_until < rekey_now())
      order by array_position(array['breach', 'manual', 'scheduled'], priority), next_attempt_at
      limit $1`,
    [limit],
  );
  return rows;
}
