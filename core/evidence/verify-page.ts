import type { Pool } from 'pg';
import type { Checkpoint } from '#core/audit/checkpoint.ts';
import { leafHash, rootOf } from '#core/audit/merkle.ts';
import { earliestTime } from '#core/evidence/verify-batch.ts';

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

/** One text with a line for each place. */
const lines = (value: string) => `string_agg(coalesce((${value})::text, chr(2)), chr(10))`;

// One lookup for each event, whatever the planner thinks: it reads the whole log for each page where the log is short.
const PAGE = `
  select count(*)::integer as leaves, count(body)::integer as events, min(seq) as first, max(seq) as last,
         bool_and(sealed = leaf and coalesce(actor_id, '') <> chr(2) and coalesce(request_id, '') <> chr(2)) as same,
         string_agg(sealed, ''::bytea) as leaf, ${lines('event_id')} as ids, ${lines('body')} as bodies,
         ${lines(`(date_part('epoch', at) * 1000)::bigint`)} as times,
         ${names.map((name) => `${lines(name)} as ${name}`).join(', ')}
    from (select l.seq, l.event_id, l.leaf as sealed, e.*
            from audit_leaves l
            left join lateral (select at, body, leaf, ${names.join(', ')}
                                 from audit_events where id = l.event_id offset 0) e on true
           where l.seq between $1 and $2 order by l.seq) sealed`;

interface Empty {
  leaves: 0;
  events: 0;
}

interface Filled extends Record<'ids' | 'bodies' | 'times' | keyof typeof COPIES, string> {
  leaves: number;
  events: number;
  /** Whether each event's own leaf is the sealed one, and no column holds what stands for a null. */
  same: boolean | null;
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
  readonly times: readonly number[];
  readonly bodies: readonly string[];
  readonly leaf: Buffer;
}

/** Whether a column says of every event what its body says. A line break within a value moves the lines after it. */
function isCopied(name: keyof typeof COPIES, column: string, bodies: readonly Body[]): boolean {
  const [found, told] = [column.split('\n'), COPIES[name]];
  return found.length === bodies.length && bodies.every((body, n) => (told(body) ?? NULL) === found[n]);
}

/** The rows of a page; null where the columns say something else than the bodies. Throws where a body is no event. */
function rowsOf(page: Filled): Rows | null {
  // What stands for a null must not be a value.
  if (page.bodies.includes('\\u000')) return null;
  const texts = page.bodies.split('\n');
  const bodies = texts.map((text) => JSON.parse(text) as Body);
  const times = bodies.map(({ at }) => Date.parse(at));
  const found = page.times.split('\n');
  if (found.length !== times.length || times.some((time, n) => time !== Number(found[n]))) return null;
  if (!names.every((name) => isCopied(name, page[name], bodies))) return null;
  return { ids: page.ids.split('\n').map(Number), times, bodies: texts, leaf: page.leaf };
}

function isSoundBatch(
  { root, firstSeq, lastSeq }: Checkpoint,
  rows: Rows,
  at: number,
  { earliest, above }: { earliest: number; above: number },
): boolean {
  const end = at + lastSeq - firstSeq + 1;
  let lastId = above;
  const leaves: Buffer[] = [];
  for (let index = at; index < end; index += 1) {
    const [text, time, id] = [rows.bodies[index], rows.times[index] ?? 0, rows.ids[index] ?? 0];
    if (text === undefined || !(id > lastId) || !(time >= earliest)) return false;
    leaves.push(leafHash(text));
    lastId = id;
  }
  const stored = rows.leaf.subarray(at * 32, end * 32);
  return Buffer.concat(leaves).equals(stored) && rootOf(leaves).toString('hex') === root;
}

/** Whether all rows of these batches are as they were sealed. False means no more than that it takes a closer look. */
export function isSound(group: readonly Checkpoint[], before: Checkpoint | null, page: Page): boolean {
  if (!('leaf' in page) || page.events !== page.leaves || page.same !== true) return false;
  // A place that is missing leaves fewer rows than there are places from the first to the last.
  const [first, end] = [Number(page.first), Number(page.last)];
  if (end - first + 1 !== page.leaves || first !== group[0]?.firstSeq) return false;
  let [last, at] = [before, 0];
  try {
    const rows = rowsOf(page);
    if (rows === null) return false;
    for (const checkpoint of group) {
      const bounds = { earliest: earliestTime(checkpoint, last), above: last?.settled ?? 0 };
      if (!isSoundBatch(checkpoint, rows, at, bounds)) return false;
      [last, at] = [checkpoint, at + checkpoint.lastSeq - checkpoint.firstSeq + 1];
    }
  } catch {
    // A body that is no JSON.
    return false;
  }
  return at === page.leaves;
}
