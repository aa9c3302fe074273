import { db } from '#lib/db.ts';
import type { Ring } from '#lib/queue.ts';

/** A rotation that is due, and its place among those that are. */
export interface DueRotation extends Ring {
  /** Of its priority: the most urgent is 1. */
  rank: number;
  dueSince: Date;
  /** It has been due for longer than an entry waits in a queue that is not long. */
  isLate: boolean;
}

// Each priority is read by itself, along the index rotations_due_by_priority and no further than the limit: neither what waits
// for a later time nor what was found before costs anything.
const DUE = `
  select r.id as "rotationId", r.fence, p.rank::int, r.next_attempt_at as "dueSince",
         r.next_attempt_at < rekey_now() - interval '5 seconds' as "isLate"
    from (values ('breach', 1), ('manual', 2), ('scheduled', 3)) as p(priority, rank)
   cross join lateral (
     select id, fence, next_attempt_at from rotations r
      where r.priority = p.priority and outcome is null and hold is null and next_attempt_at <= rekey_now()
        and (next_attempt_at, id) > (case when p.rank = $2 then $3::timestamptz else '-infinity' end,
                                     case when p.rank = $2 then $4::uuid else '00000000-0000-0000-0000-000000000000' end)
        and (lease_until is null or lease_until < rekey_now())
        and ((not exists (select 1 from standstill)
              and credential_id not in (select id from credentials where paused_at is not null)
              and credential_id not in (select c.id from issuers i join credentials c on c.issuer_id = i.id
                                         where i.paused_at is not null))
          or goes_on_in_pause(r))
      order by next_attempt_at, id limit $1) r
   where p.rank >= $2
   order by p.rank, r.next_attempt_at, r.id limit $1`;

/**
 * The sweep's question: rotations whose time has come and that nobody works on, because a ring was lost, a wait is
 * over or a worker died. The most urgent first, those behind `after` where there is one. What is paused is left out, unless
 * that left a consumer without a secret that works.
 */
export async function findDueRotations(limit: number, after?: DueRotation): Promise<DueRotation[]> {
  const { rows } = await db().pool.query<DueRotation>({
    name: 'find_due',
    text: DUE,
    values: [limit, after?.rank ?? 0, after?.dueSince ?? null, after?.rotationId ?? null],
  });
  return rows;
}
