import type { Pool } from 'pg';
import type { Checkpoint } from '#core/audit/checkpoint.ts';
import type { FirstBad, Verification } from '#core/evidence/verification.ts';

// Where each leaf has its event, as many of both mean that there is no event without one; looking at each costs more.
const AS_MANY = `
  select (select count(*) from audit_events where id <= $1)
       = (select count(*) from audit_leaves where event_id <= $1 and seq > $2 and seq <= $3) as same`;

const WITHOUT_LEAF = `
  select e.id from audit_events e
   where e.id <= $1 and not exists (select from audit_leaves l where l.event_id = e.id) order by e.id limit 1`;

async function eventWithoutLeaf(pool: Pool, { settled, lastSeq }: Checkpoint, through: number) {
  const { rows: counted } = await pool.query<{ same: boolean }>(AS_MANY, [settled, through, lastSeq]);
  if (counted[0]?.same === true) return [];
  const { rows } = await pool.query<{ id: string }>(WITHOUT_LEAF, [settled]);
  return rows;
}

/**
 * Rows that no batch accounts for although one should: inserted since, by somebody else than Rekey. It is asked of a trail that holds
 * up to this checkpoint, with its events detached up to the place `through`.
 */
export async function findStray(pool: Pool, newest: Checkpoint, through: number): Promise<FirstBad | null> {
  const events = await eventWithoutLeaf(pool, newest, through);
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

// One lookup for each of the few events: joined with all leaves it takes as long as the log is.
const UNSEALED = `
  select count(*) as events, min(e.at) as since
    from audit_events e
    left join lateral (select true as sealed from audit_leaves where event_id = e.id offset 0) l on true
   where e.id > $1 and l.sealed is null`;

/** What waits to be sealed. In a running installation these are the events of the last second. */
export async function countUnsealed(pool: Pool, settled: number): Promise<Verification['unsealed']> {
  const { rows } = await pool.query<{ events: string; since: Date | null }>(UNSEALED, [settled]);
  return { events: Number(rows[0]?.events ?? 0), since: rows[0]?.since?.toISOString() ?? null };
}
