import { z } from 'zod';
import type { Actor } from '#core/access/actor.ts';
import { credentialInScope, credentialsOf, scopeValues } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';
import { type Application, type Collision, findCollisions } from '#core/policies/find-collisions.ts';
import { type Scheduled, upcomingSlots } from '#core/policies/upcoming-slots.ts';
import { rhythmOf } from '#core/schedule/next-slot.ts';
import { type PolicyRules, rulesOfRow } from '#core/schedule/rules.ts';
import { databaseTime } from '#lib/clock.ts';
import type { Database } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';

/** One rotation that a policy will start. */
export interface UpcomingRun {
  credentialId: string;
  credential: string;
  environment: string;
  issuer: string;
  policyId: string;
  policy: string;
  slot: string;
  /** When it starts. */
  at: string;
  /** It is stored; the others follow if the policy stays as it is. */
  isSet: boolean;
  /** Why it is not where the rhythm has it: expiry, age, hand or min_spacing. */
  movedBy: string | null;
  /** How long both versions work after it, where the issuer can hold two. */
  graceSeconds: number;
  /** What would make it a skip if it came now. */
  pausedBy: 'everything' | 'issuer' | 'credential' | null;
}

/** A rotation whose old version still works. */
export interface OpenOverlap {
  rotationId: string;
  credentialId: string;
  credential: string;
  environment: string;
  /** Since when the new version is the current one. */
  from: string;
  to: string | null;
  held: boolean;
}

/** When a policy lets nothing start. */
export interface UpcomingBlackout {
  policyId: string;
  policy: string;
  from: string;
  to: string;
  reason: string;
  credentials: number;
}

/** What comes between two moments: for a calendar and for a timeline. */
export interface Upcoming {
  now: string;
  from: string;
  to: string;
  runs: UpcomingRun[];
  overlaps: OpenOverlap[];
  blackouts: UpcomingBlackout[];
  collisions: Collision[];
  /** There is more than is listed: the range is too long for so many credentials. */
  isCut: boolean;
}

/** A policy that rotates every minute must not fill the page alone. */
const RUNS_OF_ONE = 100;
const RUNS = 2_000;
const CREDENTIALS = 2_000;
const LONGEST_DAYS = 92;

const input = z.object({
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
  /** Of this one alone; of all without it. */
  environment: z.string().max(200).optional(),
});

function rangeOf({ from, to }: Pick<z.output<typeof input>, 'from' | 'to'>): { from: Date; to: Date } {
  const range = { from: new Date(from), to: new Date(to) };
  const days = (range.to.getTime() - range.from.getTime()) / 86_400_000;
  if (days <= 0 || days > LONGEST_DAYS) {
    throw new Problem(
      422,
      'bad_range',
      `Ask for a range of at most ${LONGEST_DAYS} days that ends after it begins.`,
    );
  }
  return range;
}

interface AssignmentRow {
  credential_id: string;
  credential: string;
  environment: string;
  issuer: string;
  paused_by: UpcomingRun['pausedBy'];
  policy_id: string;
  policy: string;
  slot: Date;
  due_at: Date;
  next_slot: Date | null;
  next_due_at: Date | null;
  moved_by: string | null;
  interval_seconds: number | null;
  cron: string | null;
  time_zone: string;
  grace_seconds: number;
  window: unknown;
  blackouts: unknown;
  jitter_seconds: number;
}

const ASSIGNED = `
  select c.id as credential_id, c.name as credential, c.environment, i.name as issuer, is_paused(c.id) as paused_by,
         p.id as policy_id, p.name as policy, a.slot, a.due_at, a.next_slot, a.next_due_at, a.moved_by,
         p.interval_seconds, p.cron, p.time_zone, p.grace_seconds, p.window, p.blackouts, p.jitter_seconds
    from policy_assignments a
    join policies p on p.id = a.policy_id
    join credentials c on c.id = a.credential_id
    join issuers i on i.id = c.issuer_id
   where a.due_at < $3 and p.enabled and p.archived_at is null and c.archived_at is null and ${credentialInScope}
     and ($5::text is null or c.environment = $5)
   order by a.due_at, c.id limit $4`;

function scheduledOf(row: AssignmentRow): Scheduled {
  const { credential_id: credentialId, slot, due_at: dueAt, next_slot: nextSlot, next_due_at: nextDue } = row;
  const rhythm = rhythmOf({ ...row, intervalSeconds: row.interval_seconds, timeZone: row.time_zone });
  return {
    credentialId,
    slot,
    dueAt,
    next: nextSlot === null || nextDue === null ? null : { slot: nextSlot, dueAt: nextDue },
    rhythm,
    rules: rulesOfRow({ ...row, jitterSeconds: row.jitter_seconds }),
  };
}

function runsOf(row: AssignmentRow, from: Date, to: Date): UpcomingRun[] {
  return upcomingSlots(scheduledOf(row), from, to, RUNS_OF_ONE).map(({ slot, at, isSet }) => ({
    credentialId: row.credential_id,
    credential: row.credential,
    environment: row.environment,
    issuer: row.issuer,
    policyId: row.policy_id,
    policy: row.policy,
    slot: slot.toISOString(),
    at: at.toISOString(),
    isSet,
    movedBy: isSet ? row.moved_by : null,
    graceSeconds: row.grace_seconds,
    pausedBy: row.paused_by,
  }));
}

/** The credentials that are looked at. */
type Seen = ReturnType<typeof seenBy>;

const seenBy = (actor: Actor, environment: string | undefined) => ({
  AND: [credentialsOf(actor), { environment }],
});

async function openOverlaps({ prisma }: Database, seen: Seen, from: Date, to: Date): Promise<OpenOverlap[]> {
  const rows = await prisma.rotation.findMany({
    where: {
      outcome: null,
      direction: 'forward',
      phase: { in: ['overlap', 'revoke', 'prove'] },
      credential: seen,
    },
    include: { credential: { select: { name: true, environment: true } } },
    orderBy: { overlapEndsAt: 'asc' },
    take: RUNS,
  });
  const promoted = await prisma.secretVersion.findMany({
    where: { id: { in: rows.flatMap(({ toVersion }) => toVersion ?? []) } },
    select: { id: true, promotedAt: true },
  });
  const since = new Map(promoted.map(({ id, promotedAt }) => [id, promotedAt]));
  return rows.flatMap((row) => {
    const began = since.get(row.toVersion ?? '') ?? row.phaseAt;
    // One that was to end already is still open: it lasts until now at the least.
    return row.overlapEndsAt === null || began >= to || (row.overlapEndsAt < from && row.phase === 'overlap')
      ? []
      : {
          rotationId: row.id,
          credentialId: row.credentialId,
          credential: row.credential.name,
          environment: row.credential.environment,
          from: began.toISOString(),
          to: row.overlapEndsAt.toISOString(),
          held: row.hold !== null,
        };
  });
}

async function blackoutsIn(
  { prisma }: Database,
  seen: Seen,
  from: Date,
  to: Date,
): Promise<UpcomingBlackout[]> {
  const credential = { archivedAt: null, ...seen };
  const policies = await prisma.policy.findMany({
    where: { archivedAt: null, enabled: true },
    include: { _count: { select: { assignments: { where: { credential } } } } },
    orderBy: { name: 'asc' },
  });
  return policies.flatMap((policy) => {
    const { blackouts }: PolicyRules = rulesOfRow(policy);
    return blackouts
      .filter((one) => new Date(one.from) < to && new Date(one.to) > from)
      .map((one) => ({
        policyId: policy.id,
        policy: policy.name,
        from: new Date(one.from).toISOString(),
        to: new Date(one.to).toISOString(),
        reason: one.reason,
        credentials: policy._count.assignments,
      }));
  });
}

/** Credentials of one application: bound to the same place of one target, or with the same label `app:…`. */
async function applicationsOf({ pool }: Database, credentialIds: readonly string[]): Promise<Application[]> {
  const { rows } = await pool.query<Application>(
    `select name, array_agg(distinct credential_id::text) as "credentialIds" from (
       select l as name, l as key, c.id as credential_id from credentials c cross join unnest(c.labels) l
        where l like 'app:%' and c.id = any($1)
       union all
       select t.name, t.id::text || b.place::text, b.credential_id
         from bindings b join targets t on t.id = b.target_id
        where b.archived_at is null and b.credential_id = any($1)
     ) tied group by key, name having count(distinct credential_id) > 1
     order by name`,
    [credentialIds],
  );
  return rows;
}

/**
 * What comes between two moments: runs of enabled policies, overlaps that are open, blackouts, and credentials of one
 * application that would rotate within an hour of each other. It looks ahead; what has run is in the audit.
 */
export const listUpcoming = read(
  {
    name: 'list-upcoming',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input,
  },
  async ({ actor, db }, wish): Promise<Upcoming> => {
    const { from, to } = rangeOf(wish);
    const now = await databaseTime();
    const { rows } = await db.pool.query<AssignmentRow>(ASSIGNED, [
      ...scopeValues(actor),
      to,
      CREDENTIALS + 1,
      wish.environment ?? null,
    ]);
    const seen = seenBy(actor, wish.environment);
    const all = rows
      .slice(0, CREDENTIALS)
      .flatMap((row) => runsOf(row, from, to))
      .sort((a, b) => a.at.localeCompare(b.at) || a.credential.localeCompare(b.credential));
    const runs = all.slice(0, RUNS);
    const credentialIds = [...new Set(runs.map(({ credentialId }) => credentialId))];
    return {
      now: now.toISOString(),
      from: from.toISOString(),
      to: to.toISOString(),
      runs,
      overlaps: await openOverlaps(db, seen, from, to),
      blackouts: await blackoutsIn(db, seen, from, to),
      collisions: findCollisions(runs, await applicationsOf(db, credentialIds)),
      isCut: rows.length > CREDENTIALS || all.length > RUNS,
    };
  },
);
