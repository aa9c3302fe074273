import pg from 'pg';
import { answerQuestions } from '#bench/child.ts';
import { median } from '#bench/runner.ts';
import { system } from '#core/access/actor.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { ringDueRotations, startAllDue } from '#core/rotation/ring-due-rotations.ts';
import { startDueRotations } from '#core/rotation/start-due-rotation.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { db } from '#lib/db.ts';
import { sayReady, tieToStarter } from '#lib/lifeline.ts';
import { answerRings, countRings, openQueue, ring, ringAll } from '#lib/queue.ts';

/* Many credentials with a policy, and the parts of a worker that start what is due and ring for it. Nothing outside is asked. */

const actor = system('bench');
const peers = process.env.BENCH_PEERS_URL ?? '';
const ISSUERS = 20;
/** A queue that is this far behind is not one whose speed can be told. */
const MOST_SWEEPS = 20;
const POLL_MS = 1000;
/** No sweep rings again here, so a ring that was lost is never heard. A machine with much else to do needs minutes for 5,000. */
const PATIENCE_MS = 5 * 60_000;
/** As a worker answers rings. */
const CONCURRENCY = 64;

const idOf = (n: string) => `('00000000-0000-4000-8000-' || lpad((${n})::text, 12, '0'))::uuid`;
const queue = openQueue();

async function asOwner(...statements: { text: string; values?: unknown[] }[]): Promise<void> {
  const client = new pg.Client({ connectionString: process.env.BENCH_OWNER_URL });
  await client.connect();
  await client.query('set synchronous_commit = off');
  for (const { text, values } of statements) await client.query(text, values);
  await client.end();
}

async function addPlaces(): Promise<{ issuers: string[]; targetId: string; policyId: string }> {
  const issuers: string[] = [];
  for (let n = 0; n < ISSUERS; n += 1) {
    const config = { baseUrl: peers, adminToken: 'bench' };
    issuers.push((await addIssuer(actor, { name: `Bench issuer ${n}`, kind: 'surfacescout', config })).id);
  }
  const receiver = { url: `${peers}/receiver/1`, signingSecret: `whsec_${process.env.BENCH_SIGNING_KEY}` };
  const target = await addTarget(actor, { name: 'Bench target', kind: 'webhook', config: receiver });
  const rhythm = { intervalSeconds: 30 * 86_400 };
  const policy = await createPolicy(actor, { name: 'monthly', rhythm, graceSeconds: 60 });
  return { issuers, targetId: target.id, policyId: policy.id };
}

/** So many credentials with a binding each, and their slots, which lie in the next years. */
async function fill(count: number): Promise<void> {
  const { issuers, targetId, policyId } = await addPlaces();
  await asOwner(
    {
      text: `insert into credentials (id, name, issuer_id, place, environment)
             select ${idOf('n')}, 'bench-' || n, ($1::uuid[])[1 + n % ${ISSUERS}],
                    jsonb_build_object('clientId', 'bench-' || n), 'bench'
               from generate_series(0, $2::int - 1) n`,
      values: [issuers, count],
    },
    {
      text: `insert into bindings (id, credential_id, target_id, place, fields, needs)
             select ${idOf('n')}, ${idOf('n')}, $1, '{}', '{"clientSecret": "SECRET"}', 'accepted'
               from generate_series(0, $2::int - 1) n`,
      values: [targetId, count],
    },
    {
      text: `insert into policy_assignments (credential_id, policy_id, slot, due_at, next_slot, next_due_at)
             select ${idOf('n')}, $1, at, at, at + interval '30 days', at + interval '30 days'
               from generate_series(0, $2::int - 1) n
              cross join lateral (select rekey_now() + interval '1 day' + n * interval '1 minute' as at) due`,
      values: [policyId, count],
    },
    { text: 'vacuum analyze credentials, bindings, policy_assignments' },
  );
}

/** Ends what was started, and empties the queue. */
async function clear(): Promise<void> {
  await db().pool.query(
    `update rotations set outcome = 'cancelled', ended_at = rekey_now() where outcome is null`,
  );
  await queue.drain();
}

/** Makes the first `count` credentials due at once, or spread over a second that begins in `inMs`. */
async function makeDue(count: number, inMs = -1000, spreadMs = 0): Promise<void> {
  await db().pool.query(
    `update policy_assignments a set slot = at, due_at = at
       from generate_series(0, $1::int - 1) n
      cross join lateral (select date_trunc('milliseconds', rekey_now() + make_interval(
        secs => ($2::float8 + $3::float8 * n / $1::int) / 1000)) as at) due
      where a.credential_id = ${idOf('n')}`,
    [count, inMs, spreadMs],
  );
}

const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);
const p99 = (values: readonly number[]) => sorted(values)[Math.ceil(values.length * 0.99) - 1] ?? Number.NaN;
const bells = (name: string, count: number) =>
  Array.from({ length: count }, (_, n) => ({ rotationId: `${name}-${n}`, fence: '0' }));

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}

/** Answers every ring with nothing but the time; ends when so many were heard. */
async function hear(count: number, meanwhile: () => Promise<void>): Promise<Map<string, number>> {
  const heard = new Map<string, number>();
  let all = () => {};
  const over = new Promise<void>((resolve) => {
    all = resolve;
  });
  const doorbell = answerRings(CONCURRENCY, async (rotationId) => {
    heard.set(rotationId, Date.now());
    if (heard.size === count) all();
  });
  await meanwhile();
  const patience = new Promise<never>((_, reject) => {
    setTimeout(
      () =>
        reject(
          new Error(`${heard.size} of ${count} rings were heard within ${PATIENCE_MS / 60_000} minutes.`),
        ),
      PATIENCE_MS,
    ).unref();
  });
  patience.catch(() => {});
  await Promise.race([over, patience]);
  await doorbell.close();
  return heard;
}

/** As a worker does it: look, and again a second after the last look ended. */
async function poll(until: () => boolean): Promise<void> {
  while (!until()) {
    await startAllDue(until);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

const handlers = {
  fill,
  /** Polls that find nothing due. */
  idle: async (polls: number) => {
    const took: number[] = [];
    for (let n = 0; n < polls; n += 1) {
      took.push((await timed(() => startDueRotations(500))) * 1000);
    }
    return { p50: median(took), p99: p99(took) };
  },
  /** Claims, creates and rings for so many that are due at once; answers how many a second. */
  start: async (count: number) => {
    await makeDue(count);
    let started = 0;
    const seconds = await timed(async () => {
      started = await startAllDue(() => false);
    });
    if (started !== count || (await countRings()) !== count) {
      throw new Error(`${started} of ${count} were started, and ${await countRings()} rung for.`);
    }
    await clear();
    return started / seconds;
  },
  /** Rings one after the other; answers how many a second. */
  ringOneByOne: async (count: number) => {
    const seconds = await timed(async () => {
      for (const one of bells('one', count)) await ring(one);
    });
    await queue.drain();
    return count / seconds;
  },
  /** Makes so many open rotations that are due. */
  open: async (count: number) => {
    await asOwner(
      {
        text: `insert into rotations (id, credential_id, strategy, phase, priority, requested_by, plan_digest, grace_seconds,
                                      predicted_gap_seconds)
               select ${idOf('n')}, ${idOf('n')}, 'overlap', 'preflight', 'scheduled', '{}', '', 60, 0
                 from generate_series(0, $1::int - 1) n`,
        values: [count],
      },
      { text: 'vacuum analyze rotations' },
    );
  },
  /** Empties the queue and lets the sweep ring for everything; answers how many a second. */
  ringAgain: async (count: number) => {
    await queue.drain();
    const seconds = await timed(async () => {
      // As a worker does: what took the queue longer than a second is rung for by the next sweep, at the cost of its time.
      for (let sweeps = 0; (await ringDueRotations()).length > 0; sweeps += 1) {
        if (sweeps === MOST_SWEEPS) {
          throw new Error(`After ${sweeps} sweeps the queue still does not take every ring in time.`);
        }
      }
    });
    await ringDueRotations();
    const waiting = await countRings();
    await queue.drain();
    if (waiting !== count) {
      throw new Error(`${waiting} of ${count} were rung, each once.`);
    }
    return count / seconds;
  },
  /** What a bare queue needs for so many entries that are answered with nothing, and the time between two polls. */
  bare: async (count: number) => {
    const seconds = await timed(() =>
      hear(count, async () => {
        for (let n = 0, all = bells('bare', count); n < count; n += 500) {
          // As a worker does: entries for which the queue takes longer than a second come all the same, and a lost one shows.
          await ringAll(all.slice(n, n + 500)).catch(() => {});
        }
      }),
    );
    const ms = seconds * 1000 + POLL_MS;
    return { p99: ms, first: ms };
  },
  /** How long after they were due so many slots of one second are heard of. */
  lateness: async (count: number) => {
    await makeDue(count, 2000, 1000);
    let isOver = false;
    let polling = Promise.resolve();
    const heard = await hear(count, async () => {
      polling = poll(() => isOver);
    });
    isOver = true;
    await polling;
    const { rows } = await db().pool.query<{ id: string; slot: Date }>(
      'select id, slot from rotations where outcome is null',
    );
    const late = rows.map(({ id, slot }) => (heard.get(id) ?? Number.NaN) - slot.getTime());
    await clear();
    return { p99: p99(late), first: Math.min(...late) };
  },
};

export type ScheduleHandlers = typeof handlers;

answerQuestions(handlers);
tieToStarter(async () => {
  await queue.close();
  await db().close();
});
sayReady();
