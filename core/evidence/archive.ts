import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Pool } from 'pg';
import { z } from 'zod';
import { type Checkpoint, checkpointHash, checkpointSchema } from '#core/audit/checkpoint.ts';
import { faultOfProof, type InclusionProof } from '#core/audit/inclusion.ts';
import { levelsOf, pathIn } from '#core/audit/merkle.ts';
import { CHECKPOINT_COLUMNS, type CheckpointRow, checkpointOf } from '#core/audit/stored-checkpoint.ts';
import { listDetachments } from '#core/evidence/detachments.ts';
import { linesOf } from '#lib/lines.ts';
import { Problem } from '#lib/problem.ts';

/*
 * An archive holds one inclusion proof on each line, in the sealed order: the event with everything that shows, without the
 * database and without the other lines, that it was sealed.
 */

const proofSchema = z.object({
  eventId: z.string(),
  body: z.string(),
  seq: z.number().int(),
  path: z.array(z.string()),
  checkpoint: checkpointSchema,
  publicKey: z.string(),
});

interface Place {
  seq: string;
  event_id: string;
  leaf: Buffer;
  body: string | null;
}

/** The lines of one batch that stand between two places. */
async function proofsOf(pool: Pool, row: CheckpointRow & { raw: string }, from: number, to: number) {
  const checkpoint = checkpointOf(row);
  const { rows } = await pool.query<Place>(
    `select l.seq, l.event_id, l.leaf, e.body from audit_leaves l left join audit_events e on e.id = l.event_id
      where l.seq between $1 and $2 order by l.seq`,
    [checkpoint.firstSeq, checkpoint.lastSeq],
  );
  const levels = levelsOf(rows.map(({ leaf }) => leaf));
  return rows
    .map((place, index) => ({ ...place, index, seq: Number(place.seq) }))
    .filter(({ seq }) => seq >= from && seq <= to)
    .map(({ seq, event_id: eventId, body, index }) => {
      if (body === null) throw new Error(`Event ${eventId} has gone meanwhile.`);
      const nodes = pathIn(levels, index).map((node) => node.toString('hex'));
      const proof: InclusionProof = { eventId, seq, body, path: nodes, checkpoint, publicKey: row.raw };
      return `${JSON.stringify(proof)}\n`;
    });
}

const BATCHES = `select ${CHECKPOINT_COLUMNS}, encode(k.public_key, 'hex') as raw
  from audit_batches b join audit_keys k on k.id = b.key_id
 where b.last_seq >= $1 and b.first_seq <= $2 order by b.n limit 100`;

async function* archiveLines(pool: Pool, from: number, to: number): AsyncGenerator<string> {
  for (let next = from; next <= to; ) {
    const { rows } = await pool.query<CheckpointRow & { raw: string }>(BATCHES, [next, to]);
    for (const row of rows) {
      yield (await proofsOf(pool, row, from, to)).join('');
      next = Number(row.last_seq) + 1;
    }
    if (rows.length === 0) throw new Error(`No batch holds the place ${next}.`);
  }
}

async function syncFolder(file: string): Promise<void> {
  const folder = await open(path.dirname(file), 'r');
  await folder.sync().finally(() => folder.close());
}

async function openNew(file: string) {
  try {
    return await open(file, 'wx', 0o600);
  } catch (error) {
    const why =
      error instanceof Error && 'code' in error && error.code === 'EEXIST' ? 'it is there already' : error;
    throw new Problem(400, 'unwritable', `${file} cannot be written: ${why}. Nothing was detached.`);
  }
}

/**
 * Writes the events between two places of the sealed order to a new file, for its owner only, and answers its SHA-256 in hex once
 * it is on the disk. Where it fails the file is gone.
 */
export async function writeArchive(
  pool: Pool,
  file: string,
  { from, to }: { from: number; to: number },
): Promise<string> {
  const handle = await openNew(file);
  const sum = createHash('sha256');
  try {
    for await (const lines of archiveLines(pool, from, to)) {
      sum.update(lines);
      await handle.appendFile(lines);
    }
    await handle.sync();
    await handle.close();
    await syncFolder(file);
    return sum.digest('hex');
  } catch (error) {
    await handle.close();
    await rm(file, { force: true });
    throw error;
  }
}

export interface Checked {
  readonly events: number;
  /** SHA-256 of the file, in hex. */
  readonly hash: string;
  /** The places that a detachment has in this very file; null where the log names no archive with this hash. */
  readonly whole: { readonly firstSeq: number; readonly lastSeq: number } | null;
  readonly fault: string | null;
}

/** Which event the database has at each place of a batch; null where it has no such batch. The event's id is no part of a proof. */
async function placesOf(pool: Pool, { n, firstSeq, lastSeq }: Checkpoint, hash: string) {
  const { rows } = await pool.query<CheckpointRow>(
    `select ${CHECKPOINT_COLUMNS} from audit_batches b where n = $1`,
    [n],
  );
  if (rows[0] === undefined || checkpointHash(checkpointOf(rows[0])) !== hash) return null;
  const { rows: places } = await pool.query<Pick<Place, 'seq' | 'event_id'>>(
    'select seq, event_id from audit_leaves where seq between $1 and $2',
    [firstSeq, lastSeq],
  );
  return new Map(places.map(({ seq, event_id: id }) => [Number(seq), id]));
}

/** Says what the database has otherwise than a proof that holds by itself. Asks it once for each batch. */
function comparison(pool: Pool): (proof: InclusionProof) => Promise<string | null> {
  let known: { hash: string; places: ReadonlyMap<number, string> | null } = { hash: '', places: null };
  return async ({ checkpoint, seq, eventId }) => {
    const hash = checkpointHash(checkpoint);
    if (hash !== known.hash) known = { hash, places: await placesOf(pool, checkpoint, hash) };
    if (known.places === null) return `this database has no such batch ${checkpoint.n}`;
    return known.places.get(seq) === eventId ? null : `at the place ${seq} it is not the event ${eventId}`;
  };
}

function readProof(line: string): InclusionProof | null {
  try {
    return proofSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

/**
 * Checks every line of a file with inclusion proofs: that the proof holds, that its checkpoint is one of this database, which
 * `rekey audit verify` and the witnesses speak for, and that the event is the one of that place. It answers what is wrong with the
 * first line that is not so. A line says nothing of those around it: only the hash tells that none is missing.
 */
export async function checkArchive(pool: Pool, file: string): Promise<Checked> {
  const sum = createHash('sha256');
  const input = createReadStream(file);
  input.on('data', (part) => sum.update(part));
  const compare = comparison(pool);
  let [number, events] = [0, 0];
  let fault: string | null = null;
  for await (const line of linesOf(input)) {
    number += 1;
    if (fault !== null) continue;
    const proof = readProof(line.toString());
    const wrong =
      proof === null ? 'it is no inclusion proof' : (faultOfProof(proof) ?? (await compare(proof)));
    if (wrong === null) events += 1;
    else fault = `line ${number}: ${wrong}`;
  }
  if (number === 0) fault = 'it holds no line';
  const hash = sum.digest('hex');
  const whole = (await listDetachments(pool)).find(({ archive }) => archive === hash) ?? null;
  return { events, hash, whole, fault };
}
