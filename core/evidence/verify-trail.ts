import type { KeyObject } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Checkpoint } from '#core/audit/checkpoint.ts';
import type { Detachment } from '#core/audit/detachment.ts';
import { auditKey } from '#core/audit/signing-key.ts';
import { faultOfDetachments, listDetachments } from '#core/evidence/detachments.ts';
import type { FirstBad, Progress } from '#core/evidence/verification.ts';
import { faultOfRows, type SoundBatch } from '#core/evidence/verify-batch.ts';
import {
  batchBefore,
  followTo,
  isNewest,
  knownKeys,
  missingAfter,
  readCheckpoints,
  soundPart,
} from '#core/evidence/verify-checkpoints.ts';
import { isSoundWithoutBodies, readHashes } from '#core/evidence/verify-detached.ts';
import { isSound, readPage } from '#core/evidence/verify-page.ts';
import { SEALED_ROWS, type SealedRow } from '#core/evidence/verify-row.ts';

const ROWS_AT_ONCE = 1024;

export interface Range {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export interface Trail {
  /** How many bodies were recomputed. */
  events: number;
  detached: readonly Detachment[];
  firstBad: FirstBad | null;
  newest: Checkpoint | null;
}

/** The keys that have sealed. A key that was only made known vouches for nothing. */
async function sealingKeys(pool: Pool, keys: ReadonlyMap<string, KeyObject>) {
  const { rows } = await pool.query<{ id: string }>(
    'select id from unnest($1::text[]) id where exists (select from audit_batches b where b.key_id = id)',
    [[...keys.keys()]],
  );
  const own = auditKey();
  const seal = new Set([own.id, ...rows.map(({ id }) => id)]);
  return new Map([...keys].filter(([id]) => seal.has(id)));
}

/** Reads what was detached of a range into the trail, and answers the last place of all that was. */
async function readDetached(
  pool: Pool,
  { from = 1, to = Number.POSITIVE_INFINITY }: Range,
  trail: Trail,
  keys: ReadonlyMap<string, KeyObject>,
): Promise<number> {
  const all = await listDetachments(pool);
  if (all.length === 0) return 0;
  trail.firstBad = faultOfDetachments(all, await sealingKeys(pool, keys), trail.newest?.lastSeq ?? 0);
  trail.detached = all.filter(({ firstSeq, lastSeq }) => firstSeq <= to && lastSeq >= from);
  return all.at(-1)?.lastSeq ?? 0;
}

/** Whether all events of a batch are detached, or none, or those before a place within it. */
function shareOf({ firstSeq, lastSeq }: Checkpoint, through: number): 'all' | 'none' | 'some' {
  if (lastSeq <= through) return 'all';
  return firstSeq > through ? 'none' : 'some';
}

/** Whole batches of the same kind, so many that reading their rows is worth a question. */
function groups(batches: readonly SoundBatch[], through: number): SoundBatch[][] {
  const made: SoundBatch[][] = [];
  let rows = ROWS_AT_ONCE;
  let kind = '';
  for (const batch of batches) {
    const size = batch.lastSeq - batch.firstSeq + 1;
    const share = shareOf(batch, through);
    if (rows + size > ROWS_AT_ONCE || share !== kind) {
      made.push([]);
      rows = 0;
      kind = share;
    }
    made.at(-1)?.push(batch);
    rows += size;
  }
  return made;
}

/** What was read of a group, and how to look whether it is as it was sealed. */
interface Load {
  readonly bodies: number;
  readonly isSound: (before: Checkpoint | null) => boolean;
}

async function readLoad(pool: Pool, group: readonly SoundBatch[], through: number): Promise<Load> {
  const [from, to] = [group[0]?.firstSeq ?? 0, group.at(-1)?.lastSeq ?? 0];
  if (to <= through) {
    const hashes = await readHashes(pool, from, to);
    return { bodies: hashes?.bodies ?? 0, isSound: (last) => isSoundWithoutBodies(group, last, hashes) };
  }
  const page = await readPage(pool, from, to);
  return { bodies: page.events, isSound: (last) => isSound(group, last, page) };
}

/** Begins to read the rows of a group. */
function beginLoad(pool: Pool, group: readonly SoundBatch[], through: number): Promise<Load> {
  const load = readLoad(pool, group, through);
  // Whoever waits for it is told; where nobody does any more, a failure must not end the process.
  load.catch(() => {});
  return load;
}

/** Goes through a group row by row, and names the first fault. */
async function faultOfGroup(
  pool: Pool,
  group: readonly SoundBatch[],
  before: Checkpoint | null,
  through: number,
) {
  let last = before;
  for (const checkpoint of group) {
    const { rows } = await pool.query<SealedRow & unknown[]>({
      text: SEALED_ROWS,
      values: [checkpoint.firstSeq, checkpoint.lastSeq],
      rowMode: 'array',
    });
    const fault = faultOfRows(checkpoint, last, rows, through);
    if (fault !== null) return fault;
    last = checkpoint;
  }
  return null;
}

/**
 * Recomputes every batch of a range, from the bodies to the signatures, a page at a time, follows the links from there to the
 * newest batch, and stops at the first fault. `trail` is filled on the way. While one page is checked, the next one is read.
 */
export async function* verifyTrail(pool: Pool, range: Range, trail: Trail): AsyncGenerator<Progress, void> {
  const keys = await knownKeys(pool);
  const [newest] = await readCheckpoints(pool, isNewest, []);
  if (newest === undefined) return;
  trail.newest = newest;
  const through = await readDetached(pool, range, trail, keys);
  let before = await batchBefore(pool, range.from);
  const end = Math.min(newest.lastSeq, range.to ?? newest.lastSeq);
  const begin = before?.lastSeq ?? 0;
  while (trail.firstBad === null && (before?.lastSeq ?? 0) < end) {
    const n = before?.n ?? 0;
    const page = await readCheckpoints(pool, 'n > $1 and n <= $2 and first_seq <= $3', [n, newest.n, end]);
    const { sound, fault } = soundPart(page, before, keys);
    const loads = groups(sound, through);
    let next = beginLoad(pool, loads[0] ?? [], through);
    for (const [index, group] of loads.entries()) {
      const load = await next;
      // The last question of a page is for nothing and costs nothing.
      next = beginLoad(pool, loads[index + 1] ?? [], through);
      // The question goes out before this process is busy with the page that is here.
      await setImmediate();
      if (!load.isSound(before)) trail.firstBad = await faultOfGroup(pool, group, before, through);
      if (trail.firstBad !== null) break;
      before = group.at(-1) ?? before;
      trail.events += load.bodies;
      const done = (before?.lastSeq ?? 0) - begin;
      yield { events: done, of: Math.max(end - begin, done) };
    }
    await next;
    trail.firstBad ??= fault ?? (page.length === 0 ? missingAfter(n) : null);
  }
  if (trail.firstBad === null && before !== null) {
    const places = before.lastSeq - begin;
    trail.firstBad = yield* followTo(pool, newest, {
      from: before,
      keys,
      progress: { events: places, of: places },
    });
  }
  if (trail.firstBad === null && newest.keyId !== auditKey().id) {
    const what = `the newest batch, ${newest.n}, is not signed with the key of this installation, ${auditKey().id}`;
    trail.firstBad = { what, eventId: null, seq: newest.firstSeq, batch: newest.n };
  }
}
