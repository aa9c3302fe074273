import type { KeyObject } from 'node:crypto';
import {
  BATCH_PLACES,
  type Checkpoint,
  checkpointHash,
  isSignedBy,
  NOTHING_BEFORE,
} from '#core/audit/checkpoint.ts';
import { rootOf } from '#core/audit/merkle.ts';
import type { FirstBad } from '#core/evidence/verification.ts';
import { recompute, recomputeOrTake, type SealedRow } from '#core/evidence/verify-row.ts';

/** A transaction does not last longer; an event that was sealed later than this was not written when it says. */
const LONGEST_TRANSACTION_MS = 3_600_000;

/** A batch whose checkpoint holds. */
export interface SoundBatch extends Checkpoint {
  /** An event of it that says that it is older was not written when it says. In milliseconds since 1970. */
  readonly earliest: number;
}

/** How old an event can say that it is that was not sealed yet when something was at one of these times. */
export const earliestAfter = (...times: readonly string[]): number =>
  Math.min(...times.map(Date.parse)) - LONGEST_TRANSACTION_MS;

/**
 * How old an event of a batch can say that it is. A full batch has left events behind that waited as long as its own; and
 * nothing says how long those of the first batch waited.
 */
export function earliestTime({ at }: Checkpoint, before: SoundBatch | null): number {
  if (before === null) return 0;
  const earliest = earliestAfter(before.at, at);
  const isFull = before.lastSeq - before.firstSeq + 1 === BATCH_PLACES;
  return isFull ? Math.min(earliest, before.earliest) : earliest;
}

const ofBatch = ({ n, firstSeq }: Checkpoint, what: string): FirstBad => ({
  what,
  eventId: null,
  seq: firstSeq,
  batch: n,
});

/** Checks that a checkpoint is signed with a key that is known. */
export function faultOfSignature(
  checkpoint: Checkpoint,
  keys: ReadonlyMap<string, KeyObject>,
): FirstBad | null {
  const { n, keyId } = checkpoint;
  const key = keys.get(keyId);
  if (key === undefined)
    return ofBatch(checkpoint, `batch ${n} is signed with a key that is not known, ${keyId}`);
  if (isSignedBy(checkpoint, key)) return null;
  return ofBatch(
    checkpoint,
    `the signature of batch ${n} does not fit: the batch was altered, or is not ours`,
  );
}

/** Checks that a checkpoint follows the one before it; null for the first one. */
export function faultOfLink(checkpoint: Checkpoint, before: Checkpoint | null): FirstBad | null {
  const { n, firstSeq, lastSeq } = checkpoint;
  const expected = (before?.n ?? 0) + 1;
  if (n !== expected) {
    return ofBatch({ ...checkpoint, n: expected }, `batch ${expected} was deleted`);
  }
  if (checkpoint.previous !== (before === null ? NOTHING_BEFORE : checkpointHash(before))) {
    return ofBatch(checkpoint, `batch ${n} does not follow the batch before it: one of the two was replaced`);
  }
  if (firstSeq !== (before?.lastSeq ?? 0) + 1 || lastSeq < firstSeq) {
    return ofBatch(checkpoint, `batch ${n} does not begin where the batch before it ends`);
  }
  return null;
}

/** Checks what a checkpoint says by itself and of the one before it; null for the first one. */
export function faultOfCheckpoint(
  checkpoint: Checkpoint,
  before: Checkpoint | null,
  keys: ReadonlyMap<string, KeyObject>,
): FirstBad | null {
  const isNext = checkpoint.n === (before?.n ?? 0) + 1;
  return (isNext ? faultOfSignature(checkpoint, keys) : null) ?? faultOfLink(checkpoint, before);
}

/**
 * Checks the rows of a batch whose checkpoint holds: each one, their order, and their root. Answers the first fault. The event
 * may be missing up to the place `through`, the end of what was detached.
 */
export function faultOfRows(
  checkpoint: SoundBatch,
  before: Checkpoint | null,
  rows: readonly SealedRow[],
  through: number,
): FirstBad | null {
  const { n, firstSeq, lastSeq, root, earliest } = checkpoint;
  const leaves: Buffer[] = [];
  let lastId = before?.settled ?? 0;
  for (let seq = firstSeq; seq <= lastSeq; seq += 1) {
    const row = rows[seq - firstSeq];
    if (row === undefined || Number(row[0]) !== seq) {
      return { what: `the sealed leaf ${seq} was deleted`, eventId: null, seq, batch: n };
    }
    const bad = (what: string) => ({ what, eventId: row[1], seq, batch: n });
    const made = seq <= through ? recomputeOrTake(row) : recompute(row);
    if ('what' in made) return bad(made.what);
    if (Number(row[1]) <= lastId) return bad(`event ${row[1]} does not stand where it was sealed`);
    if (row[5] !== null && Date.parse(row[5]) < earliest) {
      return bad(`event ${row[1]} says that it is of ${row[5]}, long before it was written`);
    }
    lastId = Number(row[1]);
    leaves.push(made.leaf);
  }
  return rootOf(leaves).toString('hex') === root
    ? null
    : ofBatch(
        checkpoint,
        `the events of batch ${n} (${firstSeq} to ${lastSeq}) are not those that were sealed`,
      );
}
