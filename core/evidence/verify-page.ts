import type { Pool } from 'pg';
import type { Checkpoint } from '#core/audit/checkpoint.ts';
import { leafHashesOfLines, rootOf } from '#core/audit/merkle.ts';
import type { SoundBatch } from '#core/evidence/verify-batch.ts';

/*
 * The quick way to see that batches hold: many rows as a few long texts, because reading rows one by one costs more
 * than hashing them. It only ever says "all of it holds" or "look closer"; verify-batch.ts then names the fault.
 */

/** What stands for a null in a column. */
const NULL = '\u0002';

interface Body {
  at: string;
  action: string;
  outcome: string;
  actor: { kind: string; id: string | null; name: string };
  credentialId?: string;
  rotationId?: string;
  requestId?: string;
}

/** The columns that repeat a text of the body, and what it is there. */
const COPIES = {
  at: ({ at }: Body) => at,
  action: ({ action }: Body) => action,
  outcome: ({ outcome }: Body) => outcome,
  actor_kind: ({ actor }: Body) => actor.kind,
  actor_id: ({ actor }: Body) => actor.id,
  actor_name: ({ actor }: Body) => actor.name,
  credential_id: ({ credentialId }: Body) => credentialId,
  rotation_id: ({ rotationId }: Body) => rotationId,
  request_id: ({ requestId }: Body) => requestId,
};

const names = Object.keys(COPIES) as (keyof typeof COPIES)[];

/** As it stands in a body. */
const AT = `to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** One text with a line for each place. */
const lines = (value: string) => `string_agg(coalesce((${value})::text, chr(2)), chr(10))`;

// One lookup for each event, whatever the planner thinks: it reads the whole log for each page where the log is short.
const PAGE = `
  select count(*)::integer as leaves, count(body)::integer as events, min(seq) as first, max(seq) as last,
         count(*) filter (where sealed = leaf and coalesce(actor_id, '') <> chr(2)
                            and coalesce(request_id, '') <> chr(2))::integer as kept,
         string_agg(sealed, ''::bytea) as leaf, ${lines('event_id')} as ids, ${lines('body')} as bodies,
         ${names.map((name) => `${lines(name)} as ${name}`).join(', ')}
    from (select l.seq, l.event_id, l.leaf as sealed, e.*
            from audit_leaves l
            left join lateral (select body, leaf, ${names.map((name) => (name === 'at' ? `${AT} as at` : name)).join(', ')}
                                 from audit_events where id = l.event_id offset 0) e on true
           where l.seq between $1 and $2 order by l.seq) sealed`;

interface Empty {
  leaves: 0;
  events: 0;
}

interface Filled extends Record<'ids' | 'bodies' | keyof typeof COPIES, string> {
  leaves: number;
  events: number;
  /** How many events have a leaf of their own that is the sealed one, and no column that holds what stands for a null. */
  kept: number;
  first: string;
  last: string;
  leaf: Buffer;
}

export type Page = Empty | Filled;

/** Reads the sealed rows between two places. */
export async function readPage(pool: Pool, from: number, to: number): Promise<Page> {
  const { rows } = await pool.query<Page>(PAGE, [from, to]);
  return rows[0] ?? { leaves: 0, events: 0 };
}

/** What of a page is asked for batch by batch. */
interface Rows {
  readonly ids: readonly number[];
  /** RFC 3339 in UTC with milliseconds, so that what is smaller is earlier. */
  readonly times: readonly string[];
  /** The leaf hashes made from the bodies, one after the other. */
  readonly leaves: Buffer;
}

/** Whether a column says of every event what its body says. A line break within a value moves the lines after it. */
function isCopied(name: keyof typeof COPIES, column: string, bodies: readonly Body[]): boolean {
  const [found, told] = [column.split('\n'), COPIES[name]];
  return found.length === bodies.length && bodies.every((body, n) => (told(body) ?? NULL) === found[n]);
}

/** The rows of a page; null where a column or a leaf says something else than the body. Throws where a body is no event. */
function rowsOf(page: Filled): Rows | null {
  // What stands for a null must not be a value.
  if (page.bodies.includes('\\u000')) return null;
  const bodies = page.bodies.split('\n').map((text) => JSON.parse(text) as Body);
  if (!names.every((name) => isCopied(name, page[name], bodies))) return null;
  const leaves = leafHashesOfLines(page.bodies);
  if (!leaves.equals(page.leaf)) return null;
  return { ids: page.ids.split('\n').map(Number), times: bodies.map(({ at }) => at), leaves };
}

function isSoundBatch(
  { root, firstSeq, lastSeq }: Checkpoint,
  { ids, times, leaves }: Rows,
  at: number,
  { earliest, above }: { earliest: string; above: number },
): boolean {
  const end = at + lastSeq - firstSeq + 1;
  let lastId = above;
  for (let index = at; index < end; index += 1) {
    const [time, id] = [times[index] ?? '', ids[index] ?? 0];
    if (!(id > lastId) || !(time >= earliest)) return false;
    lastId = id;
  }
  const parts = Array.from({ length: end - at }, (_, n) => leaves.subarray((at + n) * 32, (at + n + 1) * 32));
  return rootOf(parts).toString('hex') === root;
}

/** Whether all rows of these batches are as they were sealed. False means no more than that it takes a closer look. */
export function isSound(group: readonly SoundBatch[], before: Checkpoint | null, page: Page): boolean {
  if (!('leaf' in page) || page.kept !== page.leaves) return false;
  // A place that is missing leaves fewer rows than there are places from the first to the last.
  const [first, end] = [Number(page.first), Number(page.last)];
  if (end - first + 1 !== page.leaves || first !== group[0]?.firstSeq) return false;
  let [last, at] = [before, 0];
  try {
    const rows = rowsOf(page);
    if (rows === null) return false;
    for (const checkpoint of group) {
      const earliest = new Date(checkpoint.earliest).toISOString();
      const bounds = { earliest, above: last?.settled ?? 0 };
      if (!isSoundBatch(checkpoint, rows, at, bounds)) return false;
      [last, at] = [checkpoint, at + checkpoint.lastSeq - checkpoint.firstSeq + 1];
    }
  } catch {
    // A body that is no JSON.
    return false;
  }
  return at === page.leaves;
}
