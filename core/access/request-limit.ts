import { db } from '#lib/db.ts';

/** So many requests in each window. */
export interface Limit {
  readonly requests: number;
  readonly seconds: number;
}

/** What each actor may ask of the API. */
export const requestLimit: Limit = { requests: 600, seconds: 60 };

/** How whoever is counted stands in the current window. */
export interface Allowance {
  /** How many requests are left; negative where this one is too many. */
  readonly left: number;
  /** Until the window ends. */
  readonly seconds: number;
}

// One row each, counted in place; a window begins with the first request after the one before has ended. The time is cut
// off to what the column holds, because it would round up into the future.
const COUNT = `
  insert into request_counts as c (actor_id, began, used) values ($1, date_trunc('milliseconds', rekey_now()), $3)
  on conflict (actor_id) do update
     set used = case when c.began > rekey_now() - make_interval(secs => $2) then c.used + $3 else $3 end,
         began = case when c.began > rekey_now() - make_interval(secs => $2) then c.began else excluded.began end
  returning used, ceil(extract(epoch from began + make_interval(secs => $2) - rekey_now()))::integer as seconds`;

/** Counts a request, or one that weighs as many, under the name of who or what is counted, for all processes together. */
export async function countRequest(of: string, limit: Limit = requestLimit, weight = 1): Promise<Allowance> {
  const { requests, seconds } = limit;
  const { rows } = await db().pool.query<{ used: number; seconds: number }>({
    name: 'count_request',
    text: COUNT,
    values: [of, seconds, weight],
  });
  const [row] = rows;
  return row === undefined
    ? { left: requests, seconds }
    : { left: requests - row.used, seconds: Math.max(1, row.seconds) };
}

/** Forgets what was counted under a name. */
export async function forgetRequests(of: string): Promise<void> {
  await db().pool.query('delete from request_counts where actor_id = $1', [of]);
}
