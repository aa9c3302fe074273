import { nextSlot, type Rhythm, rhythmOf } from '#core/schedule/next-slot.ts';
import { dueOf, rulesOfRow } from '#core/schedule/rules.ts';
import { databaseTime } from '#lib/clock.ts';
import { db } from '#lib/db.ts';
import { log } from '#lib/log.ts';

interface Unfilled {
  credential_id: string;
  slot: Date | null;
  interval_seconds: number | null;
  cron: string | null;
  time_zone: string;
  window: unknown;
  blackouts: unknown;
  jitter_seconds: number;
}

/** A rhythm that cannot be read any more, for example after a change of the time zones, must not stop the others. */
function slotAfter(rhythm: Rhythm, slot: Date): Date | null {
  try {
    return nextSlot(rhythm, slot, slot);
  } catch (error) {
    log.error({ err: error }, 'a policy has no next slot');
    return null;
  }
}

/**
 * Computes the following slot of assignments that lack one, so that a claim has it at hand. A slot is stored only
 * where the assignment still stands as it was read.
 */
export async function fillNextSlots(limit: number): Promise<void> {
  const { pool } = db();
  const { rows } = await pool.query<Unfilled>(
    `select a.credential_id, a.slot, p.interval_seconds, p.cron, p.time_zone, p.window, p.blackouts, p.jitter_seconds
       from policy_assignments a join policies p on p.id = a.policy_id
      where p.enabled and (a.slot is null or a.next_slot is null) limit $1`,
    [limit],
  );
  const now = rows.length === 0 ? new Date(0) : await databaseTime();
  for (const row of rows) {
    const rhythm = rhythmOf({ ...row, intervalSeconds: row.interval_seconds, timeZone: row.time_zone });
    const next = slotAfter(rhythm, row.slot ?? now);
    if (next === null) {
      continue;
    }
    const due = dueOf(next, rulesOfRow({ ...row, jitterSeconds: row.jitter_seconds }), row.credential_id);
    const column = row.slot === null ? 'slot = $1, due_at = $4' : 'next_slot = $1, next_due_at = $4';
    await pool.query(
      `update policy_assignments set ${column} where credential_id = $2 and slot is not distinct from $3`,
      [next, row.credential_id, row.slot, due],
    );
  }
}
