import { db } from '#lib/db.ts';

/** Each actor may make this many requests in each window. */
export const requestLimit = { requests: 600, seconds: 60 } as const;

/** How an actor stands in the current window. */
export interface Allowance {
  /** How many requests are left; negative where this one is too many. */
  readonly left: number;
  /** Until the window ends. */
  readonly seconds: number;
}

// One row each, counted in place; a window begins with the first request after the one before has ended. The time is cut
// off to what the column holds, because it would round up into the future.
const COUNT = `
  insert into request_counts as c (actor_id, began, used) values ($1, date_trunc('milliseconds', rekey_now()), 1)
  on conflict (actor_id) do update
     set used = case when c.began > rekey_now() - make_interval(secs => $2) then c.used + 1 else 1 end,
         began = case when c.began > rekey_now() - make_interval(secs => $2) then c.began else excluded.began end
  returning used, ceil(extract(epoch from began + make_interval(secs => $2) - rekey_now()))::integer as seconds`;

/** Counts a request of an actor, for all web processes together. */
export async function countRequest(actorId: string): Promise<Allowance> {
  const { requests, seconds } = requestLimit;
  const { rows } = await db().pool.query<{ used: number; seconds: number }>({
    name: 'count_request',
    text: COUNT,
    values: [actorId, seconds],
  });
  const [row] = rows;
  return row === undefined
    ? { left: requests, seconds }
    : { left: requests - row.used, seconds: Math.max(1, row.seconds) };
}
