import type { Pool } from 'pg';
import type { Checkpoint } from '#core/audit/checkpoint.ts';
import type { FirstBad, Verification } from '#core/evidence/verification.ts';

const WITHOUT_LEAF = `from audit_events e
  where not exists (select from audit_leaves l where l.event_id = e.id)`;

/** Rows that no batch accounts for although one should: inserted since, by somebody else than Rekey. */
export async function findStray(pool: Pool, newest: Checkpoint): Promise<FirstBad | null> {
  const { rows: events } = await pool.query<{ id: string }>(
    `select e.id ${WITHOUT_LEAF} and e.id <= $1 order by e.id limit 1`,
    [newest.settled],
  );
  if (events[0] !== undefined) {
    const { id } = events[0];
    return {
      what: `event ${id} was inserted after its place was sealed`,
      eventId: id,
      seq: null,
      batch: null,
    };
  }
  const { rows: leaves } = await pool.query<{ seq: string; event_id: string }>(
    `select seq, event_id from audit_leaves
      where seq < 1 or seq > (select coalesce(max(last_seq), 0) from audit_batches) order by seq limit 1`,
  );
  const leaf = leaves[0];
  if (leaf === undefined) return null;
  return {
    what: `the sealed leaf ${leaf.seq} belongs to no batch`,
    eventId: leaf.event_id,
    seq: Number(leaf.seq),
    batch: null,
  };
}

/** What waits to be sealed. In a running installation these are the events of the last second. */
export async function countUnsealed(pool: Pool, settled: number): Promise<Verification['unsealed']> {
  const { rows } = await pool.query<{ events: string; since: Date | null }>(
    `select count(*) as events, min(e.at) as since ${WITHOUT_LEAF} and e.id > $1`,
    [settled],
  );
  return { events: Number(rows[0]?.events ?? 0), since: rows[0]?.since?.toISOString() ?? null };
}
