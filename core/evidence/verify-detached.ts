import type { Pool } from 'pg';
import type { Checkpoint } from '#core/audit/checkpoint.ts';
import { rootOf } from '#core/audit/merkle.ts';

/* The quick way to see that batches hold whose events are detached: by their leaves alone. As verify-page.ts, it says "all of
   it holds" or "look closer". */

const HASHES = `
  select count(*)::integer as leaves, count(e.id)::integer as bodies, min(l.seq) as first, max(l.seq) as last,
         string_agg(l.event_id::text, ' ' order by l.seq) as ids, string_agg(l.leaf, ''::bytea order by l.seq) as leaf
    from audit_leaves l left join audit_events e on e.id = l.event_id where l.seq between $1 and $2`;

interface Hashes {
  leaves: number;
  bodies: number;
  first: string | null;
  last: string | null;
  ids: string | null;
  leaf: Buffer | null;
}

export async function readHashes(pool: Pool, from: number, to: number): Promise<Hashes | null> {
  const { rows } = await pool.query<Hashes>(HASHES, [from, to]);
  return rows[0] ?? null;
}

/** Whether all leaves of these batches are as they were sealed, and in their order, and no event is left of them. */
export function isSoundWithoutBodies(
  group: readonly Checkpoint[],
  before: Checkpoint | null,
  hashes: Hashes | null,
): boolean {
  const [from, to] = [group[0]?.firstSeq ?? 0, group.at(-1)?.lastSeq ?? 0];
  if (hashes === null || hashes.leaf === null || hashes.bodies > 0) return false;
  if (Number(hashes.first) !== from || Number(hashes.last) !== to || hashes.leaves !== to - from + 1) {
    return false;
  }
  const { leaf } = hashes;
  const ids = hashes.ids?.split(' ').map(Number) ?? [];
  let last = before;
  return group.every((checkpoint) => {
    const places = Array.from(
      { length: checkpoint.lastSeq - checkpoint.firstSeq + 1 },
      (_, n) => checkpoint.firstSeq - from + n,
    );
    const above = last?.settled ?? 0;
    last = checkpoint;
    const isOrdered = places.every(
      (place, n) => (ids[place] ?? 0) > (n === 0 ? above : (ids[place - 1] ?? 0)),
    );
    const leaves = places.map((place) => leaf.subarray(place * 32, place * 32 + 32));
    return isOrdered && rootOf(leaves).toString('hex') === checkpoint.root;
  });
}
