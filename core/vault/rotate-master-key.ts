import { setTimeout as wait } from 'node:timers/promises';
import type { AuditActor } from '#core/audit/events.ts';
import { record } from '#core/audit/record.ts';
import { reseal, VaultError } from '#core/vault/seal.ts';
import { countByKey, type KeyUse, sealedTables } from '#core/vault/sealed-tables.ts';
import type { Database } from '#lib/db.ts';

/** Small enough that a worker's commit never waits longer than one statement of it takes. */
const BATCH = 100;
/** Somebody else may hold a row, for as long as a commit takes. Passes in a row that seal nothing, before it gives up. */
const IDLE_PASSES = 20;
const IDLE_MS = 250;

/** How far it has come. */
export interface KeyProgress {
  readonly table: string;
  readonly done: number;
  /** As many as there were when it began. */
  readonly of: number;
}

/** What became of it. */
export interface KeyRotation {
  /** The master key that seals. */
  readonly to: string;
  /** How many values were sealed anew. */
  readonly values: number;
  /** A sentence for each value that does not open, and was left as it is. */
  readonly broken: readonly string[];
  /** What each master key seals now. */
  readonly uses: readonly KeyUse[];
}

interface Row {
  id: string;
  sealed: string;
}

interface Resealed extends Row {
  next: string;
}

/** Values that are not sealed with the first key, in the order of their ids. */
async function nextRows({ pool }: Database, table: string, to: string, after: string): Promise<Row[]> {
  const { rows } = await pool.query<Row>(
    `select id, sealed from ${table}
      where id > $1 and sealed is not null and split_part(sealed, '.', 2) <> $2 order by id limit ${BATCH}`,
    [after, to],
  );
  return rows;
}

/**
 * Stores what was sealed anew, in one statement that waits for nobody: it can stop no commit, nor be part of a deadlock. A
 * row that somebody holds, or whose value is another by now, is left to the next pass.
 */
async function store({ pool }: Database, table: string, batch: readonly Resealed[]): Promise<number> {
  const { rowCount } = await pool.query(
    `with given as (select * from unnest($1::uuid[], $2::text[], $3::text[]) g (id, before, after)),
          free as materialized (select id from ${table} where id = any($1::uuid[]) for no key update skip locked)
     update ${table} t set sealed = given.after from given join free using (id)
      where t.id = given.id and t.sealed = given.before`,
    [batch.map(({ id }) => id), batch.map(({ sealed }) => sealed), batch.map(({ next }) => next)],
  );
  return rowCount ?? 0;
}

/** Seals rows anew in memory. What does not open is told by its place and left out. */
function resealAll(table: string, rows: readonly Row[], broken: Map<string, string>): Resealed[] {
  return rows.flatMap((row) => {
    try {
      const next = reseal({ table, id: row.id, field: 'sealed' }, row.sealed);
      return next === null ? [] : [{ ...row, next }];
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      broken.set(`${table} ${row.id}`, error.message);
      return [];
    }
  });
}

/** One pass over a table. Answers how many values it sealed anew. */
async function passOver(
  database: Database,
  { table, to, broken }: { table: string; to: string; broken: Map<string, string> },
  tell: (done: number) => void,
): Promise<number> {
  let done = 0;
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const rows = await nextRows(database, table, to, after);
    const last = rows.at(-1);
    if (last === undefined) return done;
    const batch = resealAll(table, rows, broken);
    done += batch.length === 0 ? 0 : await store(database, table, batch);
    tell(done);
    after = last.id;
  }
}

const others = (uses: readonly KeyUse[]) => uses.filter(({ seals, values }) => !seals && values > 0);
const sum = (uses: readonly KeyUse[]) => uses.reduce((total, { values }) => total + values, 0);

/**
 * Seals every value of every table with the first master key, while web and workers run. Any number of runs may be killed,
 * or go on side by side: what is left to do stands in the rows themselves. A value that somebody writes meanwhile is never
 * overwritten with an older one. It is told in the audit log before the first value changes, and for each key that
 * then seals nothing any more.
 */
export async function rotateMasterKey(
  database: Database,
  actor: AuditActor,
  onProgress: (progress: KeyProgress) => void = () => {},
): Promise<KeyRotation> {
  const before = await countByKey(database);
  const to = before.find(({ seals }) => seals)?.key;
  if (to === undefined) throw new VaultError('No master key is configured.');
  const of = sum(others(before));
  const tell = (event: Parameters<typeof record>[1]) =>
    database.prisma.$transaction((tx) => record(tx, event));
  if (of > 0) await tell({ action: 'key.rotation_begun', actor, key: 'master', to, values: of });

  const broken = new Map<string, string>();
  let values = 0;
  let uses = before;
  for (let idle = 0; sum(others(uses)) > broken.size && idle < IDLE_PASSES; ) {
    if (idle > 0) await wait(IDLE_MS);
    const reached = values;
    for (const table of await sealedTables(database)) {
      const sofar = values;
      values += await passOver(database, { table, to, broken }, (done) =>
        onProgress({ table, done: sofar + done, of }),
      );
    }
    idle = values > reached ? 0 : idle + 1;
    uses = await countByKey(database);
  }
  for (const { key } of others(before).filter(({ key }) => !others(uses).some((use) => use.key === key))) {
    await tell({ action: 'key.rotated', actor, key: 'master', from: key, to });
  }
  return { to, values, broken: [...broken.values()], uses };
}
