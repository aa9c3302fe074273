import pg from 'pg';
import { answerQuestions } from '#bench/child.ts';
import { median } from '#bench/runner.ts';
import { system } from '#core/access/actor.ts';
import { listAuditEvents } from '#core/evidence/list-audit-events.ts';
import { db } from '#lib/db.ts';
import { sayReady, tieToStarter } from '#lib/lifeline.ts';

/* A long audit log, and the pages of it that people ask for, each through the read that the console uses. */

const actor = system('bench');
const CREDENTIALS = 5000;
const PER_ROTATION = 20;

/** The n-th event: twenty for each rotation, over 400 days, nine in ten by the worker, one in a hundred failed. */
const FILL = `
  insert into audit_events
         (at, action, outcome, actor_kind, actor_name, credential_id, rotation_id, request_id, body, leaf)
  select at, action, outcome, 'user', actor, credential_id, rotation_id, request_id, body,
         sha256('\\x00'::bytea || convert_to(body, 'UTF8'))
    from generate_series($1::bigint, $2::bigint) n
    cross join lateral (select
      timestamptz '2026-11-01' + (n::float8 / $3 * 400) * interval '1 day' as at,
      (array['rotation.requested', 'rotation.started', 'step.begun', 'secret.issued', 'step.succeeded', 'step.begun',
             'step.succeeded', 'secret.delivered', 'secret.delivered', 'step.begun', 'step.succeeded', 'secret.confirmed',
             'secret.confirmed', 'rotation.promoted', 'step.begun', 'step.succeeded', 'secret.revoked', 'step.succeeded',
             'secret.proven_dead', 'rotation.completed'])[1 + n % ${PER_ROTATION}] as action,
      case when n % 100 = 37 then 'failure' else 'success' end as outcome,
      case when n % 10 = 0 then 'user' || (n / 10) % 50 || '@example.test' else 'worker' end as actor,
      (n / ${PER_ROTATION}) % ${CREDENTIALS} as c, n / ${PER_ROTATION} as r,
      case when n % 20 = 0 then 'request-' || n end as request_id) event
    cross join lateral (select
      ('00000000-0000-4000-8000-' || lpad(c::text, 12, '0'))::uuid as credential_id,
      ('00000000-0000-4000-9000-' || lpad(r::text, 12, '0'))::uuid as rotation_id) ids
    cross join lateral (select jsonb_build_object('at', at, 'action', action, 'outcome', outcome,
      'actor', jsonb_build_object('kind', 'user', 'id', null, 'name', actor), 'credential', 'service-' || c,
      'credentialId', credential_id, 'rotationId', rotation_id, 'target', 'Cluster ' || c % 40, 'attempt', 1,
      'reason', case when n % 50000 = 7 then 'zeppelin' when n % 200 = 7 then 'quarterly turn' end)::text as body) text`;

async function asOwner(work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: process.env.BENCH_OWNER_URL });
  await client.connect();
  await work(client);
  await client.end();
}

const BATCH = 250_000;

/** Fills the log. Indexes are made afterwards, which takes a third of the time. */
async function fill(rows: number): Promise<void> {
  await asOwner(async (client) => {
    await client.query('set synchronous_commit = off');
    await client.query(`set maintenance_work_mem = '512MB'`);
    const { rows: indexes } = await client.query<{ name: string; made: string }>(
      `select indexname as name, indexdef as made from pg_indexes
        where tablename = 'audit_events' and indexname <> 'audit_events_pkey'`,
    );
    for (const { name } of indexes) await client.query(`drop index ${name}`);
    for (let from = 0; from < rows; from += BATCH) {
      await client.query(FILL, [from, Math.min(from + BATCH, rows) - 1, rows]);
    }
    for (const { made } of indexes) await client.query(made);
    await client.query('vacuum analyze audit_events');
  });
}

const uuid = (group: string, n: number) => `00000000-0000-4000-${group}-${String(n).padStart(12, '0')}`;
const middle = 'created:2027-05-01..2027-05-07';

/** What is asked for, by name; `n` differs from one time to the next. */
const questions: Readonly<Record<string, (n: number, rows: number) => string>> = {
  'no filter': () => '',
  'actor, one of many': (n) => `actor:user${n % 50}@example.test`,
  'actor, nine in ten': () => 'actor:worker',
  'one action': () => 'action:rotation.completed',
  'action:rotation.*': () => 'action:rotation.*',
  'outcome:failure': () => 'outcome:failure',
  credential: (n) => `credential:${uuid('8000', (n * 7919) % CREDENTIALS)}`,
  rotation: (n, rows) => `rotation:${uuid('9000', (n * 7919) % Math.floor(rows / PER_ROTATION))}`,
  request: (n, rows) => `request:request-${((n * 7919) % Math.floor(rows / 20)) * 20}`,
  'a week in the middle': () => middle,
  'text, in every event': () => 'cluster',
  'text, one in 200': () => 'quarterly',
  'text, one in 50,000': () => 'zeppelin',
  'actor, action and a week': (n) => `actor:user${(n % 5) * 10}@example.test action:rotation.* ${middle}`,
};

export interface Asking {
  question: string;
  deepest: boolean;
  times: number;
  rows: number;
}

let turn = 0;

async function run({ question, deepest, times, rows }: Asking): Promise<{ p50: number; p99: number }> {
  const lineOf = questions[question];
  if (lineOf === undefined) {
    throw new Error(`There is no question "${question}".`);
  }
  const took: number[] = [];
  for (let n = 0; n < times; n += 1) {
    turn += 1;
    const asked = { q: lineOf(turn, rows), ...(deepest ? { after: '0-0' } : {}) };
    const begun = performance.now();
    const { items } = await listAuditEvents(actor, asked);
    took.push(performance.now() - begun);
    // A page that finds nothing is quick and proves nothing.
    if (items.length === 0) {
      throw new Error(`"${asked.q}" found nothing.`);
    }
  }
  took.sort((a, b) => a - b);
  return { p50: median(took), p99: took[Math.ceil(took.length * 0.99) - 1] ?? Number.NaN };
}

const handlers = { fill, run, questions: () => Object.keys(questions) };

export type AuditLogHandlers = typeof handlers;

answerQuestions(handlers);
tieToStarter(() => db().close());
sayReady();
