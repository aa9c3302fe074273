import type { KeyObject } from 'node:crypto';
import type { Pool } from 'pg';
import { BATCH_PLACES, type Checkpoint, keyIdOf, publicKeyFrom } from '#core/audit/checkpoint.ts';
import { auditKey } from '#core/audit/signing-key.ts';
import { CHECKPOINT_COLUMNS, type CheckpointRow, checkpointOf } from '#core/audit/stored-checkpoint.ts';
import type { FirstBad, Progress } from '#core/evidence/verification.ts';
import {
  earliestAfter,
  earliestTime,
  faultOfCheckpoint,
  faultOfLink,
  faultOfSignature,
  type SoundBatch,
} from '#core/evidence/verify-batch.ts';

/* What a verification reads of the checkpoints, and which of them hold. Their rows are verify-trail.ts's. */

const BATCHES_AT_ONCE = 500;

/** The first of these checkpoints, some hundreds at most. */
export async function readCheckpoints(
  pool: Pool,
  where: string,
  values: readonly number[],
): Promise<Checkpoint[]> {
  const { rows } = await pool.query<CheckpointRow>(
    `select ${CHECKPOINT_COLUMNS} from audit_batches b where ${where} order by n limit ${BATCHES_AT_ONCE}`,
    [...values],
  );
  return rows.map(checkpointOf);
}

export const isNewest = 'n = (select max(n) from audit_batches)';

/** Public keys by id. Ours comes from the environment and never from the database. */
export async function knownKeys(pool: Pool): Promise<Map<string, KeyObject>> {
  const { rows } = await pool.query<{ id: string; raw: Buffer }>(
    'select id, public_key as raw from audit_keys',
  );
  const own = auditKey();
  const valid = rows.filter(({ id, raw }) => raw.length === 32 && keyIdOf(raw) === id);
  return new Map([
    ...valid.map(({ id, raw }): [string, KeyObject] => [id, publicKeyFrom(raw)]),
    [own.id, own.publicKey],
  ]);
}

/** The checkpoints of one page up to the first that is wrong, so that rows are only looked for where a true one says. */
export function soundPart(
  page: readonly Checkpoint[],
  before: SoundBatch | null,
  keys: ReadonlyMap<string, KeyObject>,
) {
  const sound: SoundBatch[] = [];
  let last = before;
  for (const checkpoint of page) {
    const fault = faultOfCheckpoint(checkpoint, last, keys);
    if (fault !== null) return { sound, fault };
    last = { ...checkpoint, earliest: earliestTime(checkpoint, last) };
    sound.push(last);
  }
  return { sound, fault: null };
}

export const missingAfter = (n: number): FirstBad => ({
  what: `batch ${n + 1} was deleted`,
  eventId: null,
  seq: null,
  batch: n + 1,
});

/**
 * Follows the links from a batch that holds to the newest one, whose signature vouches for all before it: any key that was made
 * known can have signed those. No row is looked at, so the progress stays as it is.
 */
export async function* followTo(
  pool: Pool,
  newest: Checkpoint,
  { from, keys, progress }: { from: Checkpoint; keys: ReadonlyMap<string, KeyObject>; progress: Progress },
): AsyncGenerator<Progress, FirstBad | null> {
  if (from.n === newest.n) return null;
  let last = from;
  while (last.n < newest.n) {
    const page = await readCheckpoints(pool, 'n > $1 and n <= $2', [last.n, newest.n]);
    if (page.length === 0) return missingAfter(last.n);
    for (const checkpoint of page) {
      const fault = faultOfLink(checkpoint, last);
      if (fault !== null) return fault;
      last = checkpoint;
    }
    yield progress;
  }
  return faultOfSignature(last, keys);
}

/** When the batches were sealed whose events can have waited with those of batch $1; null where that is as far as the first. */
const WAITED_WITH = `select min(at) as since from audit_batches where n <= $1
  and n >= (select n from audit_batches where n < $1 and last_seq - first_seq + 1 < ${BATCH_PLACES} order by n desc limit 1)`;

/** The batch before the first one of a range; null where the range begins with the log. */
export async function batchBefore(pool: Pool, from: number | undefined): Promise<SoundBatch | null> {
  if (from === undefined) return null;
  const [first] = await readCheckpoints(pool, 'last_seq >= $1', [from]);
  const [before] = first === undefined ? [] : await readCheckpoints(pool, 'n = $1', [first.n - 1]);
  if (before === undefined) return null;
  const { rows } = await pool.query<{ since: Date | null }>(WAITED_WITH, [before.n]);
  const since = rows[0]?.since?.toISOString();
  return { ...before, earliest: since === undefined ? 0 : earliestAfter(since) };
}
