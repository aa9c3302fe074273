import type { PoolClient } from 'pg';
import { rhythmOf, slotAfterMoved } from '#core/schedule/next-slot.ts';
import { dueOf, rulesOfRow } from '#core/schedule/rules.ts';
import { inTransaction } from '#lib/db.ts';
import { log } from '#lib/log.ts';

interface Found {
  credential_id: string;
  slot: Date;
  due_at: Date;
  at: Date | null;
  why: string;
  interval_seconds: number | null;
  cron: string | null;
  time_zone: string;
  window: unknown;
  blackouts: unknown;
  jitter_seconds: number;
}

// A moment counts once: while a rotation is open, or after one or a skip for that moment, it brings nothing forward again. A slot
// is given back where its own moment has gone or comes later now: the secret that it was brought forward for is not the current one
// any more. A later moment that is before `since` would bring nothing forward anew, so the slot stays for it. One pass finds both,
// and asks for rotations and skips only where a moment is before the slot.
const FOUND = `
  select a.credential_id, a.slot, a.due_at, x.at, x.why, p.interval_seconds, p.cron, p.time_zone, p.window, p.blackouts,
         p.jitter_seconds
    from policies p
    join policy_assignments a on a.policy_id = p.id
    join credentials c on c.id = a.credential_id and c.archived_at is null
    join secret_versions v on v.credential_id = c.id and v.state = 'current'
   cross join lateral (
     select date_trunc('milliseconds', w.at) as at, w.why
       from (values (least(v.expires_at, v.ends_at) - make_interval(secs => p.renew_before_seconds), 'expiry'),
                    (case when p.age_brings_forward
                          then coalesce(v.promoted_at, v.created_at) + make_interval(secs => p.max_age_seconds) end,
                     'age')) as w(at, why)
      where case
            when w.at < a.slot
            then w.at > a.since
             and not exists (select 1 from rotations r where r.credential_id = a.credential_id and r.outcome is null)
             and not exists (select 1 from rotations r where r.credential_id = a.credential_id
                                                         and r.slot = date_trunc('milliseconds', w.at))
             and not exists (select 1 from skips s where s.credential_id = a.credential_id
                                                     and s.slot = date_trunc('milliseconds', w.at))
            else w.why = a.moved_by
             and (date_trunc('milliseconds', w.at) > greatest(a.slot, a.since)
                  or w.at is null and w.why = 'expiry' and p.renew_before_seconds is not null) end
      order by w.at limit 1) x
   where p.enabled and p.archived_at is null and a.due_at is not null
     and (p.renew_before_seconds is not null or (p.age_brings_forward and p.max_age_seconds is not null))
   order by x.at limit $1
     for update of a skip locked for share of p skip locked`;

interface Moved {
  due: Date;
  next: Date | null;
  nextDue: Date | null;
}

/** Where the slot goes; null where its own time is as soon, or the policy cannot be read. */
function movedTo(row: Found, at: Date): Moved | null {
  const { credential_id: credentialId, slot } = row;
  try {
    const rules = rulesOfRow({ ...row, jitterSeconds: row.jitter_seconds });
    const rhythm = rhythmOf({ ...row, intervalSeconds: row.interval_seconds, timeZone: row.time_zone });
    const due = dueOf(at, rules, credentialId);
    if (due === null || due >= row.due_at) {
      return null;
    }
    const next = slotAfterMoved(rhythm, slot, at);
    const nextDue = next === null ? null : dueOf(next, rules, credentialId);
    return { due, next: nextDue === null ? null : next, nextDue };
  } catch (error) {
    log.error({ err: error, credentialId }, 'a slot could not be brought forward');
    return null;
  }
}

/** Gives a slot back to the rhythm: the filler finds the next one from now on. */
async function giveBack(client: PoolClient, row: Found): Promise<void> {
  await client.query(
    `update policy_assignments
        set slot = null, due_at = null, next_slot = null, next_due_at = null, fill_at = null, moved_by = null
      where credential_id = $1`,
    [row.credential_id],
  );
}

async function bring(client: PoolClient, row: Found, at: Date): Promise<void> {
  const moved = movedTo(row, at);
  if (moved === null) {
    // Dealt with, so that it is not looked at again and again.
    const text = 'update policy_assignments set since = $2 where credential_id = $1';
    await client.query(text, [row.credential_id, at]);
    return;
  }
  await client.query(
    `update policy_assignments
        set slot = $2, due_at = $3, next_slot = $4, next_due_at = $5, moved_by = $6
      where credential_id = $1`,
    [row.credential_id, at, moved.due, moved.next, moved.nextDue, row.why],
  );
}

/**
 * Brings the next slot of a credential forward where its secret expires, or comes to its greatest age, before that slot.
 * It takes the slot's place, so that nothing rotates twice, and starts within the policy's rules. What was overdue already
 * when the credential was given the policy is left to a person. Once another secret is the current one, the slot that was brought
 * forward for the one before gives its place back to the rhythm.
 */
export async function bringForward(limit: number): Promise<void> {
  await inTransaction(async (client) => {
    const { rows } = await client.query<Found>(FOUND, [limit]);
    for (const row of rows) {
      await (row.at === null || row.at > row.slot ? giveBack(client, row) : bring(client, row, row.at));
    }
  });
}
