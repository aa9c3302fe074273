import type { NoticeKind } from '#core/notifiers/notice-kinds.ts';
import { db } from '#lib/db.ts';

interface Found {
  notifier_id: string;
  kind: NoticeKind;
  key: string;
  subject: string;
  name: string;
  detail: string | null;
  /** Somebody may be without a secret that works; of an approval, that it is of a glass to break. */
  pressing: boolean;
  path: string;
}

/**
 * What stands now and nobody was told of yet. Each row has a key that names the state, not the moment: a rotation that is
 * held for the same reason again is not told of again, and a sweep that runs twice tells once.
 *
 * A rotation that is held for its issuer's health is told of by the issuer's one notice. Of an issuer only the last change
 * counts. One that flaps is told of at most once an hour, and that it is well again only after a notice that it was not.
 */
const standing = `
  with wanted as (
    select id as notifier_id, unnest(notices) as kind from notifiers
  ), open_rotations as not materialized (
    select r.*, c.name, i.name as issuer,
           case r.hold when 'approval_pending' then '/approvals/' else '/rotations/' end || r.id as path
      from rotations r join credentials c on c.id = r.credential_id join issuers i on i.id = c.issuer_id
     where r.outcome is null
  ), standing as (
    select case hold when 'approval_pending' then 'approval_wanted' else 'rotation_held' end as kind,
           'held ' || id || ' ' || hold as key, id as subject, name,
           hold_detail as detail, gap_started_at is not null and gap_ended_at is null as pressing, path, credential_id
      from open_rotations
     where hold is not null and hold not in ('issuer_unhealthy', 'manual_hold')
    union all
    select 'approval_wanted', 'glass ' || g.id, r.id, r.name, to_char(g.until, 'YYYY-MM-DD HH24:MI "UTC"'),
           true, '/approvals', r.credential_id
      from glass_breaks g join open_rotations r on r.id = g.rotation_id
     where g.state = 'asked' and g.until > rekey_now()
    union all
    select 'task_waiting', 'task ' || id, id, name, issuer, false, path, credential_id
      from open_rotations where hold is null and phase = 'await_secret'
    union all
    select 'overlap_open', 'overlap ' || id, id, name,
           to_char(overlap_ends_at, 'YYYY-MM-DD HH24:MI "UTC"'), false, path, credential_id
      from open_rotations
     where direction = 'forward' and overlap_ends_at < rekey_now() - interval '15 minutes'
    union all
    -- An issuer that ends the old secret by itself does not wait: by what this credential's last five took to promote.
    select 'delivery_late', 'late ' || r.id, r.id, r.name, to_char(old.ends_at, 'YYYY-MM-DD HH24:MI "UTC"'),
           old.ends_at <= rekey_now(), r.path, r.credential_id
      from open_rotations r join secret_versions old on old.id = r.from_version
     where r.strategy = 'graced' and r.direction = 'forward' and r.to_version is not null
       and r.phase in ('verify', 'deliver', 'redeploy', 'confirm')
       and old.ends_at < rekey_now() + greatest(interval '1 minute', (
             select percentile_cont(0.5) within group (order by promoted_at - created_at)
               from (select promoted_at, created_at from secret_versions v
                      where v.credential_id = r.credential_id and v.promoted_at is not null
                      order by n desc limit 5) as last))
    union all
    -- Also the end that an issuer has set to the secret which a rotation was rolled back to. On the way forward that end is meant.
    select 'deadline_near', 'deadline ' || v.id || case when d.at < rekey_now() + interval '3 days' then ' 3' else ' 14' end,
           v.id, c.name, to_char(d.at, 'YYYY-MM-DD HH24:MI "UTC"'), d.at <= rekey_now(),
           '/credentials/' || c.id, c.id
      from secret_versions v join credentials c on c.id = v.credential_id
     cross join lateral (
       select least(v.expires_at, case when not exists (
         select from rotations r where r.credential_id = c.id and r.outcome is null and r.direction = 'forward'
       ) then v.ends_at end) as at) d
     -- As the indexes secret_versions_expiring and secret_versions_ending have it, so that what ends later is not read.
     where v.state = 'current' and c.archived_at is null and d.at < rekey_now() + interval '14 days'
       and (v.expires_at < rekey_now() + interval '14 days' and v.expires_at is not null
            or v.ends_at < rekey_now() + interval '14 days' and v.ends_at is not null)
    union all
    select 'secret_too_old', 'age ' || v.id, v.id, c.name, p.name, false, '/credentials/' || c.id, c.id
      from policies p
      join policy_assignments a on a.policy_id = p.id
      join credentials c on c.id = a.credential_id and c.archived_at is null
      join secret_versions v on v.credential_id = c.id and v.state = 'current'
     where $1 and p.max_age_seconds is not null and p.archived_at is null
       and coalesce(v.promoted_at, v.created_at) + make_interval(secs => p.max_age_seconds) < rekey_now()
    union all
    -- Where a person switched it off, they know. Its events reach nobody, so the notifiers have to tell.
    select 'webhook_given_up', 'webhook ' || e.id || ' ' || extract(epoch from e.off_at), e.id, e.name, e.off_because, false,
           '/developer-tools/webhooks/' || e.id, null::uuid
      from webhook_endpoints e where not e.enabled and e.off_because is not null
  ), last_day as (
    select distinct on (i.id) e.action, e.id, i.id as issuer_id, i.name, i.health
      from audit_events e join issuers i on i.id = (e.body::jsonb ->> 'id')::uuid and i.archived_at is null
     where e.action in ('issuer.marked_unhealthy', 'issuer.recovered') and e.at > rekey_now() - interval '1 day'
     order by i.id, e.id desc
  ), issuer_events as (
    select * from last_day
    union all
    -- It has been unhealthy for longer: a notifier that was added since tells of it as well.
    select e.action, e.id, i.id, i.name, i.health
      from issuers i
     cross join lateral (
       select action, id from audit_events
        where action = 'issuer.marked_unhealthy' and body::jsonb ->> 'id' = i.id::text
        order by at desc, id desc limit 1) e
     where i.health = 'unhealthy' and i.archived_at is null
       and not exists (select 1 from last_day d where d.issuer_id = i.id)
  ), about_issuers as (
    select w.notifier_id, w.kind, w.kind || ' ' || e.issuer_id || ' ' || e.id as key, e.issuer_id as subject, e.name,
           '/issuers' as path, e.id as event
      from issuer_events e join wanted w
        on ((w.kind = 'issuer_unhealthy' and e.action = 'issuer.marked_unhealthy' and e.health = 'unhealthy')
         or (w.kind = 'issuer_recovered' and e.action = 'issuer.recovered' and e.health <> 'unhealthy'))
  )
  select w.notifier_id, s.kind, s.key, s.subject, s.name, s.detail, s.pressing, s.path
    from standing s join wanted w on w.kind = s.kind
    left join policy_assignments a on a.credential_id = s.credential_id
    left join policies p on p.id = a.policy_id and p.archived_at is null
   -- A policy's own notifiers tell of its credentials. Where none of them is left, all do: somebody has to be told.
   where (w.notifier_id = any(p.notifier_ids)
          or not exists (select 1 from notifiers n where n.id = any(p.notifier_ids)))
     and not exists (select 1 from notifications t where t.notifier_id = w.notifier_id and t.key = s.key)
  union all
  select a.notifier_id, a.kind, a.key, a.subject, a.name, null, false, a.path
    from about_issuers a
    left join lateral (
      select t.kind, t.key, t.created_at from notifications t
       where t.notifier_id = a.notifier_id and t.subject = a.subject
       order by t.created_at desc, t.kind limit 1
    ) as last on true
   where not exists (select 1 from notifications t where t.notifier_id = a.notifier_id and t.key = a.key)
     and case a.kind
           when 'issuer_unhealthy' then last.created_at is null or last.created_at < rekey_now() - interval '1 hour'
           -- By the event it told of: the notice itself may have been stored after the recovery.
           else last.kind = 'issuer_unhealthy' and split_part(last.key, ' ', 3)::bigint < a.event
         end
  limit 500`;

const sentences: Record<NoticeKind, (found: Found) => { title: string; detail: string }> = {
  rotation_held: ({ name, detail, pressing }) => ({
    title: `The rotation of ${name} is held`,
    detail: [
      detail ?? 'Something failed that Rekey did not foresee.',
      ...(pressing ? ['Until it goes on, some consumers may have no secret that works.'] : []),
      'Open it to see what can be done.',
    ].join(' '),
  }),
  approval_wanted: ({ name, detail: until, pressing: breaksGlass }) =>
    breaksGlass
      ? {
          title: `Breaking the glass for ${name} waits for a second person`,
          detail: `It can be confirmed until ${until}. Open Approvals to read what would stop working, and to decide.`,
        }
      : {
          title: `The rotation of ${name} waits for an approval`,
          detail: 'Open it to read the plan and to decide.',
        },
  task_waiting: ({ name, detail: issuer }) => ({
    title: `${name} waits for you: rotate it at the vendor and paste the new secret`,
    detail: `${issuer} has no API. Open the task for its steps.`,
  }),
  overlap_open: ({ name, detail: end }) => ({
    title: `The old secret of ${name} may still work`,
    detail: `Its overlap was to end at ${end}. Open the rotation to see what it waits for.`,
  }),
  delivery_late: ({ name, detail: end, pressing: isOver }) => ({
    title: `The new secret of ${name} may come too late`,
    detail: [
      `The issuer ${isOver ? 'ended' : 'ends'} the old one at ${end}, and not every required target has the new one.`,
      'Open the rotation to see what it waits for.',
    ].join(' '),
  }),
  deadline_near: ({ name, detail: end, pressing: isOver }) => ({
    title: isOver ? `The secret of ${name} has expired` : `The secret of ${name} expires soon`,
    detail: isOver
      ? `It was to work until ${end}. Rotate it now.`
      : `It stops working at ${end}. Rotate it before.`,
  }),
  secret_too_old: ({ name, detail: policy }) => ({
    title: `The secret of ${name} is older than its policy allows`,
    detail: `The policy ${policy} sets the age. Open the credential to see why it has not been rotated.`,
  }),
  issuer_unhealthy: ({ name }) => ({
    title: `${name} does not answer as it should`,
    detail: 'Its rotations wait. Rekey asks it every half minute and goes on once it answers.',
  }),
  issuer_recovered: ({ name }) => ({
    title: `${name} answers again`,
    detail: 'Its rotations go on by themselves.',
  }),
  webhook_given_up: ({ name, detail: because }) => ({
    title: `The webhook endpoint ${name} is switched off`,
    detail: [
      because === 'gone' ? 'It answered that it is gone.' : 'It took nothing for five days.',
      'Programs behind it hear of no events. Repair it, switch it on, and replay what it missed.',
    ].join(' '),
  }),
};

/**
 * Stores a notice for each notifier that wants it, once. Several workers may run it at the same time. To look at ages, too, reads
 * the version of every credential whose policy has a greatest age; as these are counted in days, it need not be done each time.
 */
export async function gatherNotices(alsoAges = true): Promise<void> {
  const { pool } = db();
  const { rows } = await pool.query<Found>(standing, [alsoAges]);
  for (const found of rows) {
    const { notifier_id, kind, key, subject, path } = found;
    const { title, detail } = sentences[kind](found);
    await pool.query(
      // The column rounds to milliseconds, and what is rounded up would not be due yet.
      `insert into notifications (id, notifier_id, kind, key, subject, title, detail, path, next_at)
       values (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, date_trunc('milliseconds', rekey_now()))
       on conflict do nothing`,
      [notifier_id, kind, key, subject, title, detail, path],
    );
  }
}
