import { z } from 'zod';
import { credentialInScope, scopeValues } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';
import { ENDS, EVERY, FROM, NEXT, SINCE, states } from '#core/credentials/credential-states.ts';
import { databaseTime } from '#lib/clock.ts';
import type { Database } from '#lib/db.ts';

/** As many of each kind as a page can show; the lists have the others. */
const EACH = 8;

const input = z.object({ environment: z.string().max(200).optional() });

interface Counter {
  count: number;
  /** The worst of them. */
  name: string | null;
  /** What makes it the worst: since when, or until when. */
  at: Date | null;
}

/** What each counter counts, which of them is the worst, and the moment that makes it so. */
const counters = {
  failing: { state: states.failing, worst: 'r.phase_at', at: 'r.phase_at' },
  overdue: {
    state: states.overdue,
    worst: `least(${NEXT}, ${ENDS}, ${SINCE} + make_interval(secs => ${EVERY}))`,
    at: `least(${NEXT}, ${ENDS}, ${SINCE} + make_interval(secs => ${EVERY}))`,
  },
  due: { state: states.due, worst: `least(${NEXT}, ${ENDS})`, at: `least(${NEXT}, ${ENDS})` },
  overlap: { state: states.overlap, worst: 'r.overlap_ends_at', at: 'r.overlap_ends_at' },
} as const;

type CounterName = keyof typeof counters;

/** Within the limits of who asks, and in the environment they look at. */
const IN_SCOPE = `c.archived_at is null and ${credentialInScope} and ($3::text is null or c.environment = $3)`;

type ScopeValues = readonly [environments: string[], labels: string[], environment: string | null];

async function count({ pool }: Database, name: CounterName, scope: ScopeValues) {
  const { state, worst, at } = counters[name];
  const { rows } = await pool.query<Counter>(
    `with found as (select c.name, ${worst} as worst, ${at} as at ${FROM} where ${IN_SCOPE} and ${state})
     select (select count(*)::int from found) as count, name, at
       from (select 1) one left join lateral (select name, at from found order by worst, name limit 1) first on true`,
    [...scope],
  );
  const { count: n = 0, name: worstName = null, at: moment = null } = rows[0] ?? {};
  return { count: n, worst: worstName, at: moment?.toISOString() ?? null };
}

export type AttentionKind =
  | 'glass'
  | 'review'
  | 'held'
  | 'task'
  | 'retrying'
  | 'finding'
  | 'issuer'
  | 'target'
  | 'expiring';

interface AttentionRow {
  kind: AttentionKind;
  /** Of the request, the rotation, the finding, the issuer, the target or the credential. */
  id: string;
  credential_id: string | null;
  name: string;
  environment: string | null;
  detail: string | null;
  hold: string | null;
  direction: string | null;
  at: Date | null;
  /** How many of its kind there are. */
  total: number;
}

/** What waits for a person, the oldest of each kind first. An issuer and a target belong to no environment. */
const ATTENTION = `
  (select 'glass' as kind, g.id, c.id as credential_id, c.name, c.environment, g.reason as detail, null as hold,
          null as direction, g.requested_at as at, count(*) over ()::int as total
     from glass_breaks g join credentials c on c.id = g.credential_id
    where g.state = 'asked' and g.until > rekey_now() and ${IN_SCOPE} order by g.requested_at limit $4)
  union all
  (select 'review', g.id, c.id, c.name, c.environment, g.reason, null, null, g.decided_at, count(*) over ()::int
     from glass_breaks g join credentials c on c.id = g.credential_id
    where g.state = 'broken' and g.conclusion is null and ${IN_SCOPE} order by g.decided_at limit $4)
  union all
  (select 'held', r.id, c.id, c.name, c.environment, r.hold_detail, r.hold, r.direction, r.phase_at, count(*) over ()::int
     from rotations r join credentials c on c.id = r.credential_id
    where r.outcome is null and r.hold is not null and ${IN_SCOPE} order by r.phase_at limit $4)
  union all
  (select 'task', r.id, c.id, c.name, c.environment, null, null, r.direction, r.phase_at, count(*) over ()::int
     from rotations r join credentials c on c.id = r.credential_id
    where r.outcome is null and r.hold is null and r.phase = 'await_secret' and ${IN_SCOPE} order by r.phase_at limit $4)
  union all
  -- The last step of its phase failed, since it began or was resumed, and it is not held yet.
  (select 'retrying', r.id, c.id, c.name, c.environment, s.error, null, r.direction, r.phase_at, count(*) over ()::int
     from rotations r join credentials c on c.id = r.credential_id
     join lateral (select result, phase, error, intent_at from rotation_steps where rotation_id = r.id order by seq desc limit 1) s
       on s.result in ('failed', 'unknown') and s.phase = r.phase and s.intent_at >= r.phase_at
    where r.outcome is null and r.hold is null and ${IN_SCOPE} order by r.phase_at limit $4)
  union all
  (select 'finding', f.id, c.id, c.name, c.environment, f.detail, null, null, f.found_at, count(*) over ()::int
     from findings f join credentials c on c.id = f.credential_id
    where f.cleared_at is null and f.ignored_at is null and ${IN_SCOPE} order by f.found_at limit $4)
  union all
  (select 'expiring', v.id, c.id, c.name, c.environment, null, null, null, ${ENDS}, count(*) over ()::int
     ${FROM} where ${states.expiring} and ${IN_SCOPE} order by ${ENDS} limit $4)
  union all
  (select 'issuer', id, null, name, null, null, null, null, null, count(*) over ()::int
     from issuers where health = 'unhealthy' and archived_at is null order by name limit $4)
  union all
  (select 'target', id, null, name, null, null, null, null, null, count(*) over ()::int
     from targets where health = 'unhealthy' and archived_at is null order by name limit $4)`;

async function attention({ pool }: Database, scope: ScopeValues) {
  const { rows } = await pool.query<AttentionRow>(ATTENTION, [...scope, EACH]);
  return {
    items: rows.map(({ credential_id, at, total: _total, ...row }) => ({
      ...row,
      credentialId: credential_id,
      at: at?.toISOString() ?? null,
    })),
    totals: Object.fromEntries(rows.map(({ kind, total }) => [kind, total])) as Partial<
      Record<AttentionKind, number>
    >,
  };
}

interface System {
  workers: number;
  worker_seen_at: Date | null;
  waiting: number;
  credentials: number;
  issuers: number;
  targets: number;
  bindings: number;
  rotated: boolean;
  quiet_since: Date | null;
}

const SYSTEM = `
  select (select count(*)::int from workers where seen_at > rekey_now() - interval '15 seconds') as workers,
         (select max(seen_at) from workers) as worker_seen_at,
         -- Due, and nobody has taken it up: more than a few for more than a moment says that the workers are too few.
         (select count(*)::int from rotations r join credentials c on c.id = r.credential_id
           where r.outcome is null and r.hold is null and r.next_attempt_at < rekey_now() - interval '5 seconds'
             and (r.lease_until is null or r.lease_until < rekey_now()) and ${credentialInScope}) as waiting,
         (select count(*)::int from credentials c where ${IN_SCOPE}) as credentials,
         (select count(*)::int from issuers where archived_at is null) as issuers,
         (select count(*)::int from targets where archived_at is null) as targets,
         (select count(*)::int from bindings b join credentials c on c.id = b.credential_id
           where b.archived_at is null and c.archived_at is null and ${credentialInScope}) as bindings,
         -- Another one in use than the imported one; a rotation that is still in its overlap counts.
         exists (select 1 from secret_versions v join credentials c on c.id = v.credential_id
                  where v.state = 'current' and v.n > 1 and ${credentialInScope}) as rotated,
         (select max(ended_at) from rotations r join credentials c on c.id = r.credential_id
           where r.outcome is not null and ${IN_SCOPE}) as quiet_since`;

async function system({ pool }: Database, scope: ScopeValues) {
  const { rows } = await pool.query<System>(SYSTEM, [...scope]);
  const row = rows[0];
  return {
    workers: row?.workers ?? 0,
    workerSeenAt: row?.worker_seen_at?.toISOString() ?? null,
    waiting: row?.waiting ?? 0,
    quietSince: row?.quiet_since?.toISOString() ?? null,
    has: {
      credentials: row?.credentials ?? 0,
      issuers: row?.issuers ?? 0,
      targets: row?.targets ?? 0,
      bindings: row?.bindings ?? 0,
      rotated: row?.rotated ?? false,
    },
  };
}

/** How everything stands: what fails, is late, comes soon or overlaps, what waits for a person, and whether workers run. */
export const readOverview = read(
  {
    name: 'read-overview',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input,
  },
  async ({ actor, db }, { environment: asked }) => {
    const scope: ScopeValues = [...scopeValues(actor), asked ?? null];
    const [failing, overdue, due, overlap, waiting, about] = await Promise.all([
      count(db, 'failing', scope),
      count(db, 'overdue', scope),
      count(db, 'due', scope),
      count(db, 'overlap', scope),
      attention(db, scope),
      system(db, scope),
    ]);
    return {
      now: (await databaseTime()).toISOString(),
      counters: { failing, overdue, due, overlap },
      attention: waiting.items,
      /** How many wait of each kind of which one does. */
      attentionTotals: waiting.totals,
      system: about,
    };
  },
);

export type Overview = Awaited<ReturnType<typeof readOverview>>;
