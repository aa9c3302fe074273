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

interface Difference {
  readonly seen: Seen;
  readonly there: boolean;
  /** The newest batch before it that the witness was told of; 0 where it was told of none. */
  readonly after: number;
}

/** Whether the log says that the database was restored after this batch. */
async function wasRestoredAfter(pool: Pool, batch: number): Promise<boolean> {
  const { rows } = await pool.query<{ restored: boolean }>(
    `select exists (
       select 1 from audit_events e left join audit_leaves l on l.event_id = e.id
        where e.action = 'database.restored'
          and (l.seq is null or l.seq > coalesce((select last_seq from audit_batches where n = $1), 0))) as restored`,
    [batch],
  );
  return rows[0]?.restored === true;
}

/** What differs, and what to do where a restore can be why. */
async function detailOf(pool: Pool, { seen, there, after }: Difference, { afterRestore }: Witness) {
  const what = `Batch ${seen.n} ${there ? 'is another' : 'is gone'}.`;
  return afterRestore !== undefined && (await wasRestoredAfter(pool, after))
    ? `${what} The log says that the database was restored, and the witness keeps what it was told after the backup. ${afterRestore}`
    : what;
}

interface Compared {
  readonly report: WitnessReport;
  readonly firstBad: FirstBad | null;
}

async function compare(pool: Pool, witness: Witness, all: AsyncIterable<Seen>): Promise<Compared> {
  const { name, kind } = witness;
  let through: number | null = null;
  let first: Difference | null = null;
  for await (const page of inPages(all)) {
    const found = await firstDifference(pool, page);
    if (found !== null && (first === null || found.seen.n < first.seen.n)) {
      const told = [through ?? 0, ...page.map(({ n }) => n)];
      first = { ...found, after: Math.max(0, ...told.filter((n) => n < found.seen.n)) };
    }
    for (const { n } of page) through = Math.max(through ?? 0, n);
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
    report: { name, kind, says: 'differs', through, detail: await detailOf(pool, first, witness) },
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
