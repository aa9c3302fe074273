import type { Pool } from 'pg';
import type { Checkpoint } from '#core/audit/checkpoint.ts';
import { leafHash, rootOf } from '#core/audit/merkle.ts';
import { earliestTime } from '#core/evidence/verify-batch.ts';

/*
 * The quick way to see that batches hold: many rows as a few long texts, because reading rows one by one costs more
 * than hashing them. It only ever says "all of it holds" or "look closer"; verify-batch.ts then names the fault.
 */

/** What stands for a null between the columns, so that null and an empty text differ. */
const NULL = '\u0002';

const column = (name: string) => `coalesce(e.${name}::text, chr(2))`;
const columns = [
  'action',
  'outcome',
  'actor_kind',
  'actor_id',
  'actor_name',
  'credential_id',
  'rotation_id',
  'request_id',
];

const PAGE = `
  select count(*)::integer as leaves, count(body)::integer as events, bool_and(same) as same,
         min(seq) as first, max(seq) as last, string_agg(event_id::text, ' ') as ids, string_agg(leaf, ''::bytea) as leaf,
         string_agg(body, chr(10)) as bodies, string_agg(copied, chr(10)) as copied
    from (select l.seq, l.event_id, l.leaf, e.body, e.leaf = l.leaf as same,
                 concat_ws(chr(3), (date_part('epoch', e.at) * 1000)::bigint, ${columns.map(column).join(', ')}) as copied
            from audit_leaves l left join audit_events e on e.id = l.event_id
           where l.seq between $1 and $2 order by l.seq) sealed`;

export interface Page {
  leaves: number;
  events: number;
  same: boolean | null;
  first: string | null;
  last: string | null;
  ids: string | null;
  leaf: Buffer | null;
  bodies: string | null;
  copied: string | null;
}

/** Reads the sealed rows between two places. */
export async function readPage(pool: Pool, from: number, to: number): Promise<Page> {
  const { rows } = await pool.query<Page>(PAGE, [from, to]);
  return (
    rows[0] ?? {
      leaves: 0,
      events: 0,
      same: null,
      first: null,
      last: null,
      ids: null,
      leaf: null,
      bodies: null,
      copied: null,
    }
  );
}

interface Body {
  at: string;
  action: string;
  outcome: string;
  actor: { kind: string; id: string | null; name: string };
  credentialId?: string;
  rotationId?: string;
  requestId?: string;
}

const SEPARATOR = '\u0003';

/** The columns as the body has them, in the form that the page has them in. */
function copiedFrom(body: Body, at: number): string {
  const { action, outcome, actor, credentialId = NULL, rotationId = NULL, requestId = NULL } = body;
  const [s, { kind, id, name }] = [SEPARATOR, actor];
  return `${at}${s}${action}${s}${outcome}${s}${kind}${s}${id ?? NULL}${s}${name}${s}${credentialId}${s}${rotationId}${s}${requestId}`;
}

function isSoundBatch(
  { root, firstSeq, lastSeq }: Checkpoint,
  rows: { ids: string[]; leaf: Buffer; bodies: string[]; copied: string[] },
  at: number,
  { earliest, above }: { earliest: number; above: number },
): boolean {
  const leaves: Buffer[] = [];
  let lastId = above;
  for (let seq = firstSeq; seq <= lastSeq; seq += 1) {
    const index = at + seq - firstSeq;
    const [text, id] = [rows.bodies[index], Number(rows.ids[index])];
    if (text === undefined || !(id > lastId)) return false;
    // A value with one of our separators in it could be moved between two columns.
    if (text.includes('\\u000')) return false;
    const body = JSON.parse(text) as Body;
    const time = Date.parse(body.at);
    if (rows.copied[index] !== copiedFrom(body, time) || !(time >= earliest)) return false;
    leaves.push(leafHash(text));
    lastId = id;
  }
  const stored = rows.leaf.subarray(at * 32, (at + leaves.length) * 32);
  return Buffer.concat(leaves).equals(stored) && rootOf(leaves).toString('hex') === root;
}

/** Whether all rows of these batches are as they were sealed. False means no more than that it takes a closer look. */
export function isSound(group: readonly Checkpoint[], before: Checkpoint | null, page: Page): boolean {
  const { leaves, events, same, first, last: end, ids, leaf, bodies, copied } = page;
  // A place that is missing leaves fewer rows than there are places from the first to the last.
  if (events !== leaves || same !== true || leaf === null) return false;
  if (Number(end) - Number(first) + 1 !== leaves || Number(first) !== group[0]?.firstSeq) return false;
  const rows = {
    leaf,
    ids: ids?.split(' ') ?? [],
    bodies: bodies?.split('\n') ?? [],
    copied: copied?.split('\n') ?? [],
  };
  let [last, at] = [before, 0];
  try {
    for (const checkpoint of group) {
      const bounds = { earliest: earliestTime(checkpoint, last), above: last?.settled ?? 0 };
      if (!isSoundBatch(checkpoint, rows, at, bounds)) return false;
      [last, at] = [checkpoint, at + checkpoint.lastSeq - checkpoint.firstSeq + 1];
    }
  } catch {
    // A body that is no JSON.
    return false;
  }
  return at === leaves;
}
