import type { KeyObject } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { type Detachment, isDetachmentOf } from '#core/audit/detachment.ts';
import type { Detached, FirstBad } from '#core/evidence/verification.ts';
import { Problem } from '#lib/problem.ts';

const COLUMNS = `d.n, d.first_seq, d.last_seq, d.before, d.at, d.by, encode(d.archive, 'hex') as archive, d.key_id,
  encode(d.signature, 'base64') as signature`;

interface Row {
  n: string;
  first_seq: string;
  last_seq: string;
  before: Date;
  at: Date;
  by: string;
  archive: string;
  key_id: string;
  signature: string;
}

const detachmentOf = (row: Row): Detachment => ({
  n: Number(row.n),
  firstSeq: Number(row.first_seq),
  lastSeq: Number(row.last_seq),
  before: row.before.toISOString(),
  at: row.at.toISOString(),
  by: row.by,
  archive: row.archive,
  keyId: row.key_id,
  // Postgres breaks base64 into lines of 76.
  signature: row.signature.replaceAll('\n', ''),
});

/** A detachment as people are told of it. */
export const detachedOf = ({ n: _n, keyId: _key, signature: _signature, ...told }: Detachment): Detached =>
  told;

/** Every detachment there is, in their order. */
export async function listDetachments(db: Pool | PoolClient): Promise<Detachment[]> {
  const { rows } = await db.query<Row>(`select ${COLUMNS} from audit_detachments d order by d.n`);
  return rows.map(detachmentOf);
}

/**
 * Says what is wrong with these detachments, or null. They follow each other from the first place on, and each is signed with a
 * key that seals: only the chain of batches, which is verified with them, says which keys those are.
 */
export function faultOfDetachments(
  detachments: readonly Detachment[],
  keys: ReadonlyMap<string, KeyObject>,
  end: number,
): FirstBad | null {
  let last = 0;
  for (const [index, detachment] of detachments.entries()) {
    const { n, firstSeq, lastSeq, keyId } = detachment;
    const bad = (what: string): FirstBad => ({ what, eventId: null, seq: firstSeq, batch: null });
    const key = keys.get(keyId);
    if (key === undefined || !isDetachmentOf(detachment, key)) {
      return bad(`detachment ${n} is not signed with a key that seals: it was altered, or is not ours`);
    }
    if (n !== index + 1 || firstSeq !== last + 1 || lastSeq < firstSeq || lastSeq > end) {
      return bad(`detachment ${n} does not begin where the one before it ends, or ends after what is sealed`);
    }
    last = lastSeq;
  }
  return null;
}

/** Says, as a `Problem` 404, that an event is no longer here, where that is why it was not found. */
export async function refuseDetached(pool: Pool, eventId: string): Promise<void> {
  const { rows } = await pool.query<Row & { seq: string }>(
    `select ${COLUMNS}, l.seq from audit_leaves l
       join audit_detachments d on l.seq between d.first_seq and d.last_seq
      where l.event_id = $1 and not exists (select from audit_events e where e.id = l.event_id)`,
    [eventId],
  );
  const [row] = rows;
  if (row === undefined) return;
  const { before, at, archive } = detachmentOf(row);
  throw new Problem(
    404,
    'detached',
    `Event ${eventId} is not here any more: what was older than ${before.slice(0, 7)} was detached on ${at}. It is on the line with "seq":${row.seq} of the archive whose SHA-256 is ${archive}; rekey audit check proves that line.`,
  );
}
