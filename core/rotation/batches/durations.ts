import type { Connection } from '#lib/db.ts';

/** How long a rotation is thought to be at work where none has been measured yet. */
const UNMEASURED_SECONDS = 30;

/** From the request until the new version is in use; without an overlap, until the end. */
const AT_WORK = `extract(epoch from case when r.overlap_ends_at is null or v.promoted_at is null then r.ended_at
                                         else v.promoted_at end - r.created_at)::float8`;

// What waited for people says nothing of how long the work takes.
const RUNS = `from rotations r left join secret_versions v on v.id = r.to_version
               where r.outcome = 'completed' and r.approvals_needed = 0 and r.strategy <> 'assisted'`;

const OWN = `
  select w.id, percentile_cont(0.5) within group (order by last.seconds) as seconds
    from unnest($1::uuid[]) as w(id)
   cross join lateral (select greatest(0, ${AT_WORK}) as seconds ${RUNS} and r.credential_id = w.id
                        order by r.created_at desc limit 5) last
   group by w.id`;

const LIKE_IT = `
  select w.id, percentile_cont(0.5) within group (order by last.seconds) as seconds
    from unnest($1::uuid[]) as w(id)
   cross join lateral (select greatest(0, ${AT_WORK}) as seconds ${RUNS} and r.credential_id in (
                          select c.id from credentials c where c.issuer_id = w.id order by c.id limit 200)
                        order by r.created_at desc limit 20) last
   group by w.id`;

export interface Duration {
  seconds: number;
  /** From earlier runs; otherwise nothing is known and it is a guess. */
  measured: boolean;
}

async function medians(on: Connection, text: string, ids: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await on.query<{ id: string; seconds: number }>(text, [[...new Set(ids)]]);
  return new Map(rows.map(({ id, seconds }) => [id, seconds]));
}

/**
 * How long each credential's rotation is expected to be at work, without its overlap: the median of its own last five runs,
 * else of the last runs at its issuer, else a guess.
 */
export async function expectedDurations(
  on: Connection,
  credentials: readonly { id: string; issuerId: string }[],
): Promise<(id: string, issuerId: string) => Duration> {
  const own = await medians(
    on,
    OWN,
    credentials.map(({ id }) => id),
  );
  const others = credentials.filter(({ id }) => !own.has(id)).map(({ issuerId }) => issuerId);
  const alike = others.length === 0 ? new Map<string, number>() : await medians(on, LIKE_IT, others);
  return (id, issuerId) => {
    const seconds = own.get(id) ?? alike.get(issuerId);
    return {
      seconds: Math.max(1, Math.round(seconds ?? UNMEASURED_SECONDS)),
      measured: seconds !== undefined,
    };
  };
}
