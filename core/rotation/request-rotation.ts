import { z } from 'zod';
import { type Actor, auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import type { AuditActor } from '#core/audit/events.ts';
import { record } from '#core/audit/record.ts';
import { UNDER_WAY_MS } from '#core/rotation/act-on-rotation.ts';
import { graceAfterUseSeconds, graceSeconds } from '#core/rotation/grace.ts';
import { insertRotation, type Run } from '#core/rotation/insert-rotation.ts';
import { makePlan, type Plan } from '#core/rotation/plan.ts';
import { changedNothing } from '#core/rotation/refusal.ts';
import type { Step } from '#core/rotation/situation.ts';
import type { Phase } from '#core/rotation/strategies.ts';
import type { Database, Db } from '#lib/db.ts';
import { sayDuration } from '#lib/duration.ts';
import { newId } from '#lib/new-id.ts';
import { notFound, Problem } from '#lib/problem.ts';
import { ring } from '#lib/queue.ts';

const input = z.object({
  credentialId: z.uuid(),
  /** Left out: what its policy says, or else a day. */
  graceSeconds: graceSeconds.optional(),
  /** The overlap ends so long after the new version was seen in use, at the latest after `graceSeconds`; null: not so. */
  graceAfterUseSeconds: graceAfterUseSeconds.nullable().optional(),
  reason: z.string().trim().max(500).optional(),
  /** Where the work is written down, for example `OPS-123` or an address. */
  ticket: z.string().trim().max(200).optional(),
  /** `breach` ends an open rotation, leaves no overlap and retires what is left of earlier ones first. */
  priority: z.enum(['manual', 'breach']).default('manual'),
});

type Wish = z.output<typeof input>;

interface Superseded {
  id: string;
  busy: boolean;
  to_version: string | null;
  phase: Phase;
  supersedes: string | null;
  gap_started_at: Date | null;
}

/**
 * Ends the open rotation of a credential for a breach. Answers whose secrets are to be cleared, since when consumers lack one that works,
 * and whether a worker may still be in the middle of a call for it; null where there was none.
 */
async function supersede(tx: Db, plan: Plan, by: string, actor: AuditActor) {
  const [open] = await tx.$queryRaw<Superseded[]>`
    update rotations r set outcome = 'superseded', hold = null, hold_detail = null, fence = r.fence + 1,
           lease_until = null, ended_at = rekey_now()
      from (select id, lease_until from rotations
             where credential_id = ${plan.credentialId}::uuid and outcome is null for update) before
     where r.id = before.id
     returning r.id, r.to_version, r.phase, r.supersedes,
               case when r.gap_ended_at is null then r.gap_started_at end as gap_started_at,
               coalesce(before.lease_until > rekey_now(), false) as busy`;
  if (open === undefined) {
    return null;
  }
  // What was not promoted yet never will be; it may work at the issuer, so the new rotation retires it.
  await tx.$executeRaw`
    update secret_versions set state = 'discarded' where id = ${open.to_version}::uuid and state = 'pending'`;
  await record(tx, {
    action: 'rotation.superseded',
    actor,
    credentialId: plan.credentialId,
    credential: plan.credential,
    rotationId: open.id,
    by,
  });
  const steps = await tx.$queryRaw<Pick<Step, 'phase' | 'result'>[]>`
    select phase, result from rotation_steps where rotation_id = ${open.id}::uuid`;
  // One that has not come to clearing leaves that to its successor, and one that has changed nothing leaves nothing of its own.
  const clearedNothing = open.phase === 'preflight' || open.phase === 'clear';
  const isUntouched = changedNothing({ ...open, gapStartedAt: open.gap_started_at, steps });
  const earlier = clearedNothing || isUntouched ? open.supersedes : null;
  const supersedes = earlier ?? (isUntouched ? null : open.id);
  return { supersedes, gapStartedAt: open.gap_started_at, isBusy: open.busy };
}

async function store(db: Database, plan: Plan, id: string, actor: AuditActor, wish: Wish): Promise<boolean> {
  const { priority, reason, ticket } = wish;
  const rotation = { id, plan, actor, priority, reason, ticket };
  if (priority === 'manual') {
    const run: Run = async (text, values) =>
      (await db.pool.query({ name: 'insert_rotation', text, values: [...values] })).rows;
    return insertRotation(run, rotation);
  }
  return db.prisma.$transaction(async (tx) => {
    const ended = await supersede(tx, plan, id, actor);
    const run: Run = (text, values) => tx.$queryRawUnsafe<unknown[]>(text, ...values);
    const stored = await insertRotation(run, {
      ...rotation,
      ...(ended === null ? {} : { supersedes: ended.supersedes, gapStartedAt: ended.gapStartedAt }),
    });
    if (ended?.isBusy === true) {
      // What a worker sent a moment ago must not arrive after what this rotation delivers. The wait is a lease that nobody holds:
      // whatever ends or takes this rotation meanwhile finds it busy, and waits as well.
      await tx.$executeRaw`
        update rotations set (lease_until, next_attempt_at) = (select until, until
          from (select rekey_now() + make_interval(secs => ${UNDER_WAY_MS / 1000}) as until))
         where id = ${id}::uuid`;
    }
    return stored;
  });
}

interface Standing {
  id: string;
  grace_seconds: number;
  grace_after_use_seconds: number | null;
  strategy: string;
}

/** The rotation that stands in the way, where it is the same one; otherwise a refusal that names it. */
async function openOne(db: Database, plan: Plan): Promise<string> {
  const { rows } = await db.pool.query<Standing>({
    name: 'open_rotation',
    text: 'select id, grace_seconds, grace_after_use_seconds, strategy from rotations where credential_id = $1 and outcome is null',
    values: [plan.credentialId],
  });
  const [open] = rows;
  if (open === undefined) {
    const { credentialId: id } = plan;
    if ((await db.prisma.credential.count({ where: { id, archivedAt: null } })) === 0) {
      throw notFound('credential');
    }
    throw new Problem(
      409,
      'just_ended',
      'Another rotation has just ended. Look at its result, then try again.',
    );
  }
  const isSame =
    open.grace_seconds === plan.graceSeconds &&
    open.grace_after_use_seconds === plan.graceAfterUseSeconds &&
    open.strategy === plan.strategy;
  if (!isSame) {
    throw new Problem(
      409,
      'rotation_open',
      `${plan.credential} is already being rotated, with other settings. Wait for that rotation to end; nothing was changed.`,
      { rotationId: open.id },
    );
  }
  return open.id;
}

/** What was asked for has to be in the plan: an end that waits for something nobody can see is none. */
function requireUseSeen(plan: Plan, wished: number | null): void {
  const { credential, seesUse, strategy, graceSeconds, graceAfterUseSeconds } = plan;
  if (wished === null || graceAfterUseSeconds === wished || strategy !== 'overlap') {
    return;
  }
  const why = seesUse
    ? `The longest end, ${sayDuration(graceSeconds)}, comes before ${sayDuration(wished)} after a use. Choose a longer grace period.`
    : `Nobody says which version of ${credential} is in use: neither its issuer nor all of its consumers. Choose a fixed length.`;
  throw new Problem(422, 'use_not_seen', `${why} Nothing was changed.`, {}, { graceAfterUseSeconds: why });
}

/** A person says why; what asks by itself, a script or a schedule, is named by who it is. */
function requireReason(
  { kind }: Actor,
  { credential, environment, reasonRequired }: Plan,
  reason = '',
): void {
  if (kind === 'user' && reasonRequired && reason === '') {
    const sentence = `${credential} is in ${environment}: say why it is rotated.`;
    throw new Problem(422, 'reason_required', `${sentence} Nothing was changed.`, {}, { reason: sentence });
  }
}

/**
 * Starts a rotation. The same request while one is open answers the open one (`existing`); a different one is
 * refused and names it. A breach ends the open one. The rotation and its event are stored before anything rings or
 * happens.
 */
export const requestRotation = useCase(
  { name: 'request-rotation', may: ['operator', 'admin'], stepUp: false, scope: 'credential', input },
  async ({ actor, db }, wish) => {
    const graceSeconds = wish.priority === 'breach' ? 0 : wish.graceSeconds;
    const { credentialId } = wish;
    const graceAfterUseSeconds = wish.priority === 'breach' ? null : wish.graceAfterUseSeconds;
    const asked = { credentialId, graceSeconds, graceAfterUseSeconds };
    const plan = await makePlan(db.pool, { ...asked, requester: actor.name });
    requireUseSeen(plan, graceAfterUseSeconds ?? null);
    requireReason(actor, plan, wish.reason);
    const id = newId();
    const stored = await store(db, plan, id, auditActor(actor), wish);
    if (!stored) {
      return { rotationId: await openOne(db, plan), existing: true };
    }
    // The rotation is safe in the ledger; a lost ring only costs the sweep's half second.
    await ring({ rotationId: id, fence: '0' }).catch(() => {});
    return { rotationId: id, existing: false };
  },
);
