import type { Cursor } from '#core/evidence/cursor.ts';
import type { Filter } from '#core/evidence/filter.ts';
import type { Database } from '#lib/db.ts';

/*
 * One page of events. Pages are in the order of (at, id) and found by key: each statement begins where the page before
 * ended and stops after as many rows as are shown. The statements are written so that the plan does not hang on what
 * Postgres believes to know of the values: it is the same for a prepared statement (plan_cache_mode).
 */

export interface EventRow {
  id: string;
  at: Date;
  action: string;
  outcome: string;
  actor_kind: string;
  actor_id: string | null;
  actor_name: string;
  credential_id: string | null;
  rotation_id: string | null;
  request_id: string | null;
  body: string;
  leaf: Buffer;
}

export interface Wanted {
  filter: Filter;
  /** Where the page begins; the event itself is not on it. Null for the newest, or the oldest. */
  from: Cursor | null;
  direction: 'older' | 'newer';
  limit: number;
}

/** How many events a search for words looks through one by one before it asks the index of words. */
const WINDOW = 1000;

/** Each distinct action, found by one look into the index per action, however many events there are. */
const ACTIONS = `with recursive each_action(action) as (
    (select action from audit_events order by action limit 1)
    union all
    select (select e.action from audit_events e where e.action > a.action order by e.action limit 1)
      from each_action a where a.action is not null)`;

interface Column {
  column: string;
  type: string;
  values: readonly string[];
}

/** Collects the values of one statement. */
class Values {
  readonly all: unknown[] = [];
  put(value: unknown, type: string): string {
    this.all.push(value);
    return `$${this.all.length}::${type}`;
  }
}

/** The equalities, the one first that leaves the fewest events: it is the one that is looked up. */
function columnsOf(filter: Filter): Column[] {
  const all = [
    { column: 'rotation_id', type: 'uuid', values: filter.rotations },
    { column: 'request_id', type: 'text', values: filter.requests },
    { column: 'credential_id', type: 'uuid', values: filter.credentials },
    { column: 'actor_name', type: 'text', values: filter.actors },
  ];
  return all.flatMap(({ values, ...column }) => (values === null ? [] : [{ ...column, values }]));
}

function equals({ column, type, values }: Column, put: Values): string {
  return values.length === 1
    ? `e.${column} = ${put.put(values[0], type)}`
    : `e.${column} = any(${put.put(values, `${type}[]`)})`;
}

const isPattern = (action: string) => action.endsWith('*');

function actionIs(actions: readonly string[], name: string, put: Values): string {
  const [only] = actions;
  if (actions.length === 1 && only !== undefined && !isPattern(only)) {
    return `${name} = ${put.put(only, 'text')}`;
  }
  const exact = actions.filter((action) => !isPattern(action));
  const begins = actions.filter(isPattern).map((action) => action.slice(0, -1));
  const like = begins.map((beginning) => `starts_with(${name}, ${put.put(beginning, 'text')})`);
  return `(${[`${name} = any(${put.put(exact, 'text[]')})`, ...like].join(' or ')})`;
}

/** Where the page is: the range that was asked for, and the event it begins at. */
function boundsOf({ filter, from, direction }: Wanted, put: Values): string[] {
  const bounds: string[] = [];
  if (filter.from !== null) {
    bounds.push(`e.at >= ${put.put(filter.from, 'timestamptz')}`);
  }
  if (filter.until !== null) {
    bounds.push(`e.at < ${put.put(filter.until, 'timestamptz')}`);
  }
  if (from !== null) {
    const key = `(${put.put(from.at, 'timestamptz')}, ${put.put(from.id, 'bigint')})`;
    bounds.push(`(e.at, e.id) ${direction === 'older' ? '<' : '>'} ${key}`);
  }
  return bounds;
}

const whereOf = (conditions: readonly string[]) =>
  conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;

const orderOf = ({ direction }: Wanted, of: string) =>
  direction === 'older' ? `order by ${of}.at desc, ${of}.id desc` : `order by ${of}.at, ${of}.id`;

/** Outcomes are written into the statement, because the index of failures is one of failures only. */
const outcomeOf = ({ outcomes }: Filter) =>
  outcomes === null ? [] : [`e.outcome in (${outcomes.map((one) => `'${one}'`).join(', ')})`];

const textOf = ({ words }: Filter, put: Values) =>
  words.length === 0
    ? []
    : [`e.words @@ ${put.put(words.map((word) => `'${word}':*`).join(' & '), 'tsquery')}`];

/** The keys of the page where each of several values is looked up by itself, and their newest are merged. */
function merged(wanted: Wanted, from: string, is: string, others: readonly string[]): string {
  return `select k.at, k.id from ${from}
    cross join lateral (
      select e.at, e.id from audit_events e ${whereOf([is, ...others])} ${orderOf(wanted, 'e')} limit ${wanted.limit}) k
    ${orderOf(wanted, 'k')} limit ${wanted.limit}`;
}

function keysByColumn(wanted: Wanted, put: Values): string {
  const { filter } = wanted;
  const [first, ...rest] = columnsOf(filter);
  const others = [...boundsOf(wanted, put), ...outcomeOf(filter), ...textOf(filter, put)];
  const patterns = filter.actions;
  if (first === undefined && patterns !== null && (patterns.length > 1 || patterns.some(isPattern))) {
    const actions = `(select action from each_action where ${actionIs(patterns, 'action', put)}) d`;
    return `${ACTIONS} ${merged(wanted, actions, 'e.action = d.action', others)}`;
  }
  others.push(...rest.map((column) => equals(column, put)));
  if (patterns !== null) {
    others.push(actionIs(patterns, 'e.action', put));
  }
  if (first !== undefined && first.values.length !== 1) {
    const given = `unnest(${put.put(first.values, `${first.type}[]`)}) d(value)`;
    return merged(wanted, given, `e.${first.column} = d.value`, others);
  }
  const conditions = first === undefined ? others : [equals(first, put), ...others];
  return `select e.at, e.id from audit_events e ${whereOf(conditions)} ${orderOf(wanted, 'e')} limit ${wanted.limit}`;
}

/** Everything but the words and the bounds, as plain conditions. */
function conditionsOf(filter: Filter, put: Values): string[] {
  return [
    ...columnsOf(filter).map((column) => equals(column, put)),
    ...(filter.actions === null ? [] : [actionIs(filter.actions, 'e.action', put)]),
    ...outcomeOf(filter),
    ...textOf(filter, put),
  ];
}

/** A word that many events have: found among the next few. */
function keysNearby(wanted: Wanted, put: Values): string {
  const near = `select * from audit_events e ${whereOf(boundsOf(wanted, put))} ${orderOf(wanted, 'e')} limit ${WINDOW}`;
  return `select e.at, e.id from (${near}) e ${whereOf(conditionsOf(wanted.filter, put))}
    ${orderOf(wanted, 'e')} limit ${wanted.limit}`;
}

/** Words on some days, or on any: all events that have them by the index of words, and then the next of these. */
const keysByWord =
  (days: readonly string[] | null): Keys =>
  (wanted, put) => {
    const on =
      days === null ? [] : [`e.words @@ ${put.put(days.map((day) => `'@${day}'`).join(' | '), 'tsquery')}`];
    const conditions = [...boundsOf(wanted, put), ...conditionsOf(wanted.filter, put), ...on];
    return `with k as materialized (select e.at, e.id from audit_events e ${whereOf(conditions)})
      select k.at, k.id from k ${orderOf(wanted, 'k')} limit ${wanted.limit}`;
  };

type Keys = (wanted: Wanted, put: Values) => string;

async function ask(db: Database, wanted: Wanted, keysOf: Keys): Promise<EventRow[]> {
  const put = new Values();
  const keys = keysOf(wanted, put);
  const { rows } = await db.pool.query<EventRow>(
    `select e.id, e.at, e.action, e.outcome, e.actor_kind, e.actor_id, e.actor_name, e.credential_id, e.rotation_id,
            e.request_id, e.body, e.leaf
       from (${keys}) page join audit_events e on e.id = page.id ${orderOf(wanted, 'page')}`,
    put.all,
  );
  return rows;
}

interface Near {
  count: number;
  first: Date;
  last: Date;
}

/** How many events the window has, and when they were. */
async function lookNearby(db: Database, wanted: Wanted): Promise<Near> {
  const put = new Values();
  const near = `select e.at from audit_events e ${whereOf(boundsOf(wanted, put))} ${orderOf(wanted, 'e')} limit ${WINDOW}`;
  const { rows } = await db.pool.query<Near>(
    `select count(*)::integer as count, min(at) as first, max(at) as last from (${near}) near`,
    put.all,
  );
  return rows[0] ?? { count: 0, first: new Date(0), last: new Date(0) };
}

const DAY_MS = 86_400_000;
const MOST_DAYS = 400;

/** The whole days that `times` the window covers, from where the page begins; null where that is too many to name. */
function daysOf({ direction }: Wanted, { first, last }: Near, times: number): string[] | null {
  const count = Math.ceil(((last.getTime() - first.getTime()) * times) / DAY_MS) + 1;
  const [begin, step] = direction === 'older' ? [last, -DAY_MS] : [first, DAY_MS];
  return count > MOST_DAYS
    ? null
    : Array.from({ length: count }, (_, n) =>
        new Date(begin.getTime() + n * step).toISOString().slice(0, 10),
      );
}

/**
 * A search for words. How often they occur is not known before, and each way is slow for the others' words: so it looks at
 * the next events one by one, then by index on the days that have about 16 times as many, then 256 times, then on any day.
 * Each time it goes on only if the page is not full, so few hits are read in vain; words without any hit skip a time.
 */
async function findByWords(db: Database, wanted: Wanted): Promise<EventRow[]> {
  const [nearby, near] = await Promise.all([ask(db, wanted, keysNearby), lookNearby(db, wanted)]);
  if (nearby.length === wanted.limit || near.count < WINDOW) {
    return nearby;
  }
  for (const times of [16, 256]) {
    const days = daysOf(wanted, near, times);
    const found = days === null ? [] : await ask(db, wanted, keysByWord(days));
    if (found.length === wanted.limit) {
      return found;
    }
    if (found.length === 0) {
      break;
    }
  }
  return ask(db, wanted, keysByWord(null));
}

/** At most `limit` events that fit, in the direction asked for: from the newest to the oldest, or the other way. */
export async function findEvents(db: Database, wanted: Wanted): Promise<EventRow[]> {
  const { filter } = wanted;
  const isNarrow = [filter.rotations, filter.requests, filter.credentials].some((values) => values !== null);
  return filter.words.length === 0 || isNarrow ? ask(db, wanted, keysByColumn) : findByWords(db, wanted);
}
