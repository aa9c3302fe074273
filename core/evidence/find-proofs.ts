import type { InclusionProof } from '#core/audit/inclusion.ts';
import { levelsOf, pathIn } from '#core/audit/merkle.ts';
import { CHECKPOINT_COLUMNS, type CheckpointRow, checkpointOf } from '#core/audit/stored-checkpoint.ts';
import type { Database } from '#lib/db.ts';

interface Row extends CheckpointRow {
  event_id: string;
  seq: string;
  public_key: string;
}

/** A proof without the body of its event. */
export type SealedPlace = Omit<InclusionProof, 'body'>;

/** The leaves of each batch, by its number. */
async function leavesOf(db: Database, batches: readonly string[]): Promise<Map<string, Buffer[]>> {
  const { rows } = await db.pool.query<{ n: string; leaves: Buffer[] }>(
    `select b.n, (select array_agg(leaf order by seq) from audit_leaves
                   where seq between b.first_seq and b.last_seq) as leaves
       from audit_batches b where b.n = any($1)`,
    [batches],
  );
  return new Map(rows.map(({ n, leaves }) => [n, leaves]));
}

/** Where events stand in the sealed log, in the order of the ids given. Those that are not sealed yet are left out. */
export async function findProofs(db: Database, eventIds: readonly string[]): Promise<SealedPlace[]> {
  const { rows } = await db.pool.query<Row>(
    `select ${CHECKPOINT_COLUMNS}, l.event_id, l.seq, encode(k.public_key, 'hex') as public_key
       from unnest($1::bigint[]) with ordinality as wanted(event_id, place)
       join audit_leaves l on l.event_id = wanted.event_id
       join lateral (select * from audit_batches where last_seq >= l.seq order by last_seq limit 1) b on true
       join audit_keys k on k.id = b.key_id
      order by wanted.place`,
    [eventIds],
  );
  const leaves = await leavesOf(db, [...new Set(rows.map(({ n }) => n))]);
  const trees = new Map([...leaves].map(([n, own]) => [n, levelsOf(own)]));
  return rows.map((row) => {
    const checkpoint = checkpointOf(row);
    const seq = Number(row.seq);
    const path = pathIn(trees.get(row.n) ?? [], seq - checkpoint.firstSeq);
    return {
      eventId: row.event_id,
      seq,
      path: path.map((node) => node.toString('hex')),
      checkpoint,
      publicKey: row.public_key,
    };
  });
}
