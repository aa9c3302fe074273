import { db } from '#lib/db.ts';

/** So many events are gone through at a time, and none while so many messages wait: the position in the log is the queue. */
const SCANNED = 1000;
const MOST_WAITING = 1000;

/**
 * The next events of the sealed log as messages, for one endpoint, and its position behind them, in one statement. The order in
 * which events were sealed is the one that is known: a place in it is taken once, and no smaller one can appear later
 * (docs/decisions/0018). Two workers at once: one passes over.
 *
 * What is there already is being replayed, and is sent again from its first attempt.
 */
const GATHER = `
  with endpoint as (
    select w.id, w.events, w.position, w.replay_since, w.replay_through from webhook_endpoints w
     where w.id = $1 and w.enabled
       and (select count(*) from (select from webhook_messages m
                                   where m.endpoint_id = w.id and m.next_at is not null limit ${MOST_WAITING}) waiting) < ${MOST_WAITING}
       for update skip locked
  ), scanned as (
    select l.seq, l.event_id, l.leaf from audit_leaves l, endpoint
     where l.seq > endpoint.position order by l.seq limit ${SCANNED}
  ), put as (
    insert into webhook_messages as m (id, endpoint_id, seq, event_id, webhook_id, action, next_at)
    select gen_random_uuid(), endpoint.id, s.seq, s.event_id,
           'msg_' || left(encode(sha256(convert_to(s.event_id::text, 'UTF8') || s.leaf), 'hex'), 32),
           e.action, date_trunc('milliseconds', rekey_now())
      from scanned s join audit_events e on e.id = s.event_id cross join endpoint
     where exists (select from unnest(endpoint.events) wanted
                    where e.action like replace(replace(wanted, '_', '\\_'), '*', '%'))
       and (endpoint.replay_since is null or s.seq > endpoint.replay_through or e.at >= endpoint.replay_since)
    on conflict (endpoint_id, seq) do update
       set attempts = 0, replays = m.replays + 1, next_at = excluded.next_at,
           sent_at = null, status = null, error = null
  ), reached as (select max(seq) as seq from scanned)
  update webhook_endpoints w
     set position = reached.seq,
         replay_since = case when reached.seq < w.replay_through then w.replay_since end,
         replay_through = case when reached.seq < w.replay_through then w.replay_through end
    from reached, endpoint
   where w.id = endpoint.id and reached.seq is not null`;

/** Makes messages of what was sealed since, for each endpoint that is switched on. Any number of workers may do it at the same time. */
export async function gatherMessages(): Promise<void> {
  const { pool } = db();
  const { rows } = await pool.query<{ id: string }>(
    `select id from webhook_endpoints
      where enabled and position < (select seq from audit_leaves order by seq desc limit 1)`,
  );
  for (const { id } of rows) {
    await pool.query(GATHER, [id]);
  }
}
