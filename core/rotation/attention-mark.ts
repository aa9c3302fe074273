import type { Actor } from '#core/access/actor.ts';
import { credentialInScope, scopeValues } from '#core/access/scope.ts';
import type { Database } from '#lib/db.ts';

const MARK = `
  with seen as (select c.id from credentials c where c.archived_at is null and ${credentialInScope})
  select md5(coalesce(string_agg(one, ' ' order by one), '')) as mark from (
    select concat_ws('/', r.id, r.phase, r.direction, r.hold,
                     (select count(*) from approvals a where a.rotation_id = r.id)) as one
      from rotations r join seen on seen.id = r.credential_id where r.outcome is null
    union all
    select concat_ws('/', g.id, g.state) from glass_breaks g join seen on seen.id = g.credential_id
     where g.state = 'asked' and g.until > rekey_now() or g.state = 'broken' and g.conclusion is null
    union all
    select f.id::text from findings f join seen on seen.id = f.credential_id
     where f.cleared_at is null and f.ignored_at is null
    union all
    select id::text from issuers where health = 'unhealthy' and archived_at is null
    union all
    select id::text from targets where health = 'unhealthy' and archived_at is null
  ) standing`;

/** A text that is another one as soon as something begins or ceases to wait for a person, or an open rotation goes on. */
export async function attentionMark({ pool }: Database, actor: Actor): Promise<string> {
  const { rows } = await pool.query<{ mark: string }>(MARK, scopeValues(actor));
  return rows[0]?.mark ?? '';
}
