import type { Checkpoint } from '#core/audit/checkpoint.ts';

/** The columns of `audit_batches b`, as `checkpointOf` reads them. */
export const CHECKPOINT_COLUMNS = `b.n, b.first_seq, b.last_seq, encode(b.root, 'hex') as root,
  encode(b.previous, 'hex') as previous, b.settled, b.at, b.key_id, encode(b.signature, 'base64') as signature`;

export interface CheckpointRow {
  n: string;
  first_seq: string;
  last_seq: string;
  root: string;
  previous: string;
  settled: string;
  at: Date;
  key_id: string;
  signature: string;
}

/** A batch as its checkpoint. */
export function checkpointOf(row: CheckpointRow): Checkpoint {
  return {
    n: Number(row.n),
    firstSeq: Number(row.first_seq),
    lastSeq: Number(row.last_seq),
    root: row.root,
    previous: row.previous,
    settled: Number(row.settled),
    at: row.at.toISOString(),
    keyId: row.key_id,
    // Postgres breaks base64 into lines of 76.
    signature: row.signature.replaceAll('\n', ''),
  };
}
