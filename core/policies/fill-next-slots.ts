import type { PoolClient } from 'pg';
import { nextSlot, type Rhythm, rhythmOf } from '#core/schedule/next-slot.ts';
import { closedAt } from '#core/schedule/opening.ts';
import { dueOf, type PolicyRules, rulesOf, rulesOfRow } from '#core/schedule/rules.ts';
import { inTransaction } from '#lib/db.ts';
import { log } from '#lib/log.ts';

interface Unfilled {
  credential_id: string;
  slot: Date | null;
  due_at: Date | null;
  interval_seconds: number | null;
  cron: string | null;
  time_zone: string;
  window: unknown;
  blackouts: unknown;
  jitter_seconds: number;
  now: Date;
}

// Locked, so that no slot is worked out from a policy or for an assignment that is being changed at that moment.
const UNFILLED = `
  select a.credential_id, a.slot, a.due_at, p.interval_seconds, p.cron, p.time_zone, p.window, p.blackouts,
         p.jitter_seconds, rekey_now() as now
    from policy_assignments a join policies p on p.id = a.policy_id
   where p.enabled and p.archived_at is null and (a.slot is null or a.due_at is null or a.next_slot is null)
     and (a.fill_at is null or a.fill_at <= rekey_now())
   order by a.due_at nulls first limit $1
     for update of a skip locked for share of p skip locked`;

/** When slots are looked for again where there is none now. */
const AGAIN = `interval '1 hour'`;

/** No more slots in a row are tried for one that the rules let start. */
const TRIES = 500;

interface Found {
  slot: Date;
  dueAt: Date;
}

/** The first slot after `after` that the rules let start; null where there is none. */
function slotAfter(row: Unfilled, rhythm: Rhythm, rules: PolicyRules, after: Date): Found | null {
  let slot = nextSlot(rhythm, after, after);
  for (let n = 0; slot !== null && n < TRIES; n += 1) {
    const dueAt = dueOf(slot, rules, row.credential_id);
    if (dueAt !== null) {
      return { slot, dueAt };
    }
    slot = nextSlot(rhythm, slot, after);
  }
  return null;
}

/** What a row lacks: its slot's start, or its slot, or the one that follows. */
function lacking(row: Unfilled): { now: Found | null; next: Found | null; never: boolean } {
  const rhythm = rhythmOf({ ...row, intervalSeconds: row.interval_seconds, timeZone: row.time_zone });
  const rules = rulesOfRow({ ...row, jitterSeconds: row.jitter_seconds });
  const { slot, due_at: dueAt } = row;
  const own = slot === null ? null : (dueAt ?? dueOf(slot, rules, row.credential_id));
  const never = slot !== null && own === null;
  const now =
    slot !== null && own !== null ? { slot, dueAt: own } : slotAfter(row, rhythm, rules, slot ?? row.now);
  return { now, next: now === null ? null : slotAfter(row, rhythm, rules, now.slot), never };
}

/** What cannot be read any more, for example after a change of the time zones, must not stop the others. */
function lackingOrNothing(row: Unfilled): ReturnType<typeof lacking> {
  try {
    return lacking(row);
  } catch (error) {
    log.error({ err: error, credentialId: row.credential_id }, 'a policy has no next slot');
    return { now: null, next: null, never: false };
  }
}

async function fill(client: PoolClient, row: Unfilled): Promise<void> {
  const { now, next, never } = lackingOrNothing(row);
  if (never) {
    const reason = closedAt(row.slot ?? row.now, rulesOf(rulesOfRow({ ...row, jitterSeconds: 0 })));
    await client.query(
      `insert into skips (credential_id, slot, reason) values ($1, $2, $3) on conflict do nothing`,
      [row.credential_id, row.slot, reason ?? 'window_closed'],
    );
  }
  await client.query(
    `update policy_assignments
        set slot = $2, due_at = $3, next_slot = $4, next_due_at = $5,
            fill_at = case when $4::timestamptz is null then rekey_now() + ${AGAIN} end
      where credential_id = $1`,
    [
      row.credential_id,
      now?.slot ?? row.slot,
      now?.dueAt ?? row.due_at,
      next?.slot ?? null,
      next?.dueAt ?? null,
    ],
  );
}

/**
 * Computes what assignments lack: their slot, when it starts, and the slot that follows, so that a claim has it at hand. A
 * slot that never may start is skipped with its reason. Where no slot is found, it is looked for again in an hour.
 */
export async function fillNextSlots(limit: number): Promise<void> {
  await inTransaction(async (client) => {
    const { rows } = await client.query<Unfilled>(UNFILLED, [limit]);
    for (const row of rows) {
      await fill(client, row);
    }
  });
}
