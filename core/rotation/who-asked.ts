import type { Requester } from '#core/rotation/requester.ts';
import type { Db } from '#lib/db.ts';

/** Who counts as having asked for what a second person decides. */
export interface WhoAsked {
  /** The ids of whoever asked, or chose the time. */
  readonly themselves: readonly string[];
  /** These, and whoever could sign in as an API client among them. */
  readonly all: readonly string[];
}

/**
 * Who counts as having asked at a time; now where none is given. An API client asks for the people behind it: who made it, who gave it its
 * keys, and who made a secret that it had then. An access token outlives its secret by ten minutes. Of a client that another
 * one made, they are the people behind that one.
 */
export async function whoAsked(
  on: Db,
  asked: readonly (Requester | null)[],
  at: Date | null = null,
): Promise<WhoAsked> {
  const themselves = asked.flatMap((one) => one?.id ?? []);
  const rows = await on.$queryRaw<{ id: string }[]>`
    with recursive moment as (select coalesce(${at?.toISOString() ?? null}::timestamptz, rekey_now()) as at),
    counted(id) as (
      select unnest(${themselves}::text[])
      union
      select behind.by ->> 'id' from counted cross join lateral (
        select unnest(array[c.created_by, c.keys_by]) as by from api_clients c where c.id::text = counted.id
        union all
        select s.made_by from api_client_secrets s, moment
         where s.client_id::text = counted.id and s.created_at <= moment.at
           and coalesce(least(s.expires_at, s.revoked_at), 'infinity') > moment.at - interval '10 minutes') behind
       where behind.by ->> 'id' is not null)
    select id from counted`;
  return { themselves, all: rows.map(({ id }) => id) };
}
