import type { Pool } from 'pg';
import { checkpointHash } from '#core/audit/checkpoint.ts';
import { CHECKPOINT_COLUMNS, type CheckpointRow, checkpointOf } from '#core/audit/stored-checkpoint.ts';
import type { FirstBad, WitnessReport } from '#core/evidence/verification.ts';
import type { Seen, Witness } from '#core/evidence/witness.ts';

const AT_ONCE = 1000;

/** The first of these checkpoints that the database does not have as they are. */
async function firstDifference(
  pool: Pool,
  seen: readonly Seen[],
): Promise<{ seen: Seen; there: boolean } | null> {
  const { rows } = await pool.query<CheckpointRow>(
    `select ${CHECKPOINT_COLUMNS} from audit_batches b where n = any($1)`,
    [seen.map(({ n }) => n)],
  );
  const here = new Map(rows.map((row) => [Number(row.n), checkpointHash(checkpointOf(row))]));
  const different = seen.filter(({ n, hash }) => here.get(n) !== hash).sort((a, b) => a.n - b.n)[0];
  return different === undefined ? null : { seen: different, there: here.has(different.n) };
}

async function* inPages(all: AsyncIterable<Seen>): AsyncGenerator<Seen[]> {
  let page: Seen[] = [];
  for await (const one of all) {
    page.push(one);
    if (page.length === AT_ONCE) {
      yield page;
      page = [];
    }
  }
  if (page.length > 0) yield page;
}

interface Compared {
  readonly report: WitnessReport;
  readonly firstBad: FirstBad | null;
}

async function compare(pool: Pool, witness: Witness, all: AsyncIterable<Seen>): Promise<Compared> {
  const { name, kind } = witness;
  let through: number | null = null;
  let first: { seen: Seen; there: boolean } | null = null;
  for await (const page of inPages(all)) {
    for (const { n } of page) through = Math.max(through ?? 0, n);
    const found = await firstDifference(pool, page);
    if (found !== null && (first === null || found.seen.n < first.seen.n)) first = found;
  }
  if (first === null) {
    return {
      report: { name, kind, says: through === null ? 'empty' : 'agrees', through, detail: null },
      firstBad: null,
    };
  }
  const { n } = first.seen;
  const what = first.there
    ? `batch ${n} is another than the one the witness was told: the log was made anew`
    : `batch ${n} was deleted: the witness was told of it`;
  return {
    report: {
      name,
      kind,
      says: 'differs',
      through,
      detail: `Batch ${n} ${first.there ? 'is another' : 'is gone'}.`,
    },
    firstBad: { what, eventId: null, seq: null, batch: n },
  };
}

/** Holds all that a witness was told against the database. A witness that does not answer is reported, and is no fault. */
export async function compareWithWitness(pool: Pool, witness: Witness): Promise<Compared> {
  const { name, kind } = witness;
  const silent = (says: WitnessReport['says'], detail: string | null): Compared => ({
    report: { name, kind, says, through: null, detail },
    firstBad: null,
  });
  if (witness.seen === undefined) return silent('not_asked', null);
  try {
    return await compare(pool, witness, witness.seen());
  } catch (error) {
    return silent('no_answer', error instanceof Error ? error.message : String(error));
  }
}
