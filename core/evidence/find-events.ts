import { createHash } from 'node:crypto';
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

/** How many events a search for words looks through one by one, for each that is wanted, before it asks the index of words. */
const LOOKED_THROUGH = 10;

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
function columnConditions(filter: Filter, put: Values): string[] {
  return [
    ...columnsOf(filter).map((column) => equals(column, put)),
    ...(filter.actions === null ? [] : [actionIs(filter.actions, 'e.action', put)]),
    ...outcomeOf(filter),
  ];
}

const asksForColumns = (filter: Filter) => columnConditions(filter, new Values()).length > 0;

/** By the keys of the page first: an index alone has them, so no other event is read. */
const byColumn: Page = (wanted, put) =>
  `(${keysByColumn(wanted, put)}) page join audit_events e on e.id = page.id ${orderOf(wanted, 'page')}`;

/** The next events, of which one in ten has to fit. */
const nextFew = (wanted: Wanted, put: Values) =>
  `(select * from audit_events e ${whereOf(boundsOf(wanted, put))} ${orderOf(wanted, 'e')}
     limit ${wanted.limit * LOOKED_THROUGH}) e`;

/** A word that many events have: found among the next few. */
const nearby: Page = (wanted, put) => {
  const near = nextFew(wanted, put);
  const conditions = [...columnConditions(wanted.filter, put), ...textOf(wanted.filter, put)];
  return `${near} ${whereOf(conditions)} ${orderOf(wanted, 'e')} limit ${wanted.limit}`;
};

/** Each week that the range has, the next one first, and the words as the index has them in it. */
function weeksOf(wanted: Wanted, put: Values): string {
  const isOlder = wanted.direction === 'older';
  const bounds = whereOf(boundsOf(wanted, put));
  const end = (order: string) =>
    `(select audit_week(e.at) from audit_events e ${bounds} order by e.at ${order}, e.id ${order} limit 1)`;
  const words = wanted.filter.words.map((word) => `'# ${word}':*`).join(' & ');
  const [from, to, step] = isOlder ? [end('desc'), end('asc'), -1] : [end('asc'), end('desc'), 1];
  return `select n, replace(${put.put(words, 'text')}, '#', n::text)::tsquery as words
            from generate_series(${from}, ${to}, ${step}) n order by n ${isOlder ? 'desc' : 'asc'}`;
}

/**
 * A word that few events have: all events of a week that have it, by the index of words and nothing else, then those of
 * the next week, until the page is full. Weeks come in the order of the page, so the sort waits for no more than it needs.
 */
const byWeek: Page = (wanted, put) => {
  const conditions = [...boundsOf(wanted, put), ...columnConditions(wanted.filter, put)];
  const direction = wanted.direction === 'older' ? 'desc' : 'asc';
  return `(${weeksOf(wanted, put)}) week
    cross join lateral (
      select * from audit_events e where audit_words_by_week(e.words, e.at) @@ week.words offset 0) e
    ${whereOf(conditions)}
    order by week.n ${direction}, e.at ${direction}, e.id ${direction} limit ${wanted.limit}`;
};

/** The rows of a page, of what may follow `from` in a statement. */
type Page = (wanted: Wanted, put: Values) => string;

const statementOf = (page: string) =>
  `select e.id, e.at, e.action, e.outcome, e.actor_kind, e.actor_id, e.actor_name, e.credential_id, e.rotation_id,
          e.request_id, e.body, e.leaf
     from ${page}`;

async function ask(db: Database, wanted: Wanted, pageOf: Page): Promise<EventRow[]> {
  const put = new Values();
  const text = statementOf(pageOf(wanted, put));
  // Prepared where it is one of a few statements: to plan a search for words takes as long as the search.
  const isOneOfFew = pageOf !== byColumn && !asksForColumns(wanted.filter);
  const name = isOneOfFew ? createHash('sha256').update(text).digest('base64url') : undefined;
  const { rows } = await db.pool.query<EventRow>({ name, text, values: put.all });
  return rows;
}

/** Whether fewer than one in twenty of the next events fit what else was asked for, so that it is taken to be rarer than the words. */
async function isRareNearby(db: Database, wanted: Wanted): Promise<boolean> {
  const put = new Values();
  const near = nextFew(wanted, put);
  const { rows } = await db.pool.query<{ is: boolean }>(
    `select count(*) < ${wanted.limit / 2} as is from ${near} ${whereOf(columnConditions(wanted.filter, put))}`,
    put.all,
  );
  return rows[0]?.is ?? false;
}

/**
 * A search for words. How often they occur is not known before: so it looks at the next events one by one, and if these do
 * not fill the page, it reads by what is rarer, the words or what else was asked for.
 */
async function findByWords(db: Database, wanted: Wanted): Promise<EventRow[]> {
  const found = await ask(db, wanted, nearby);
  if (found.length === wanted.limit) {
    return found;
  }
  const isRare = asksForColumns(wanted.filter) && (await isRareNearby(db, wanted));
  return ask(db, wanted, isRare ? byColumn : byWeek);
}

/** At most `limit` events that fit, in the direction asked for: from the newest to the oldest, or the other way. */
export async function findEvents(db: Database, wanted: Wanted): Promise<EventRow[]> {
  const { filter } = wanted;
  const isNarrow = [filter.rotations, filter.requests, filter.credentials].some((values) => values !== null);
  return filter.words.length === 0 || isNarrow ? ask(db, wanted, byColumn) : findByWords(db, wanted);
}
