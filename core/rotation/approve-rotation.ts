import { z } from 'zod';
import { type Actor, auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { approveRefusal, lockPending, type Pending, readPending } from '#core/rotation/approvals.ts';
import { makePlan, type Plan } from '#core/rotation/plan.ts';
import { startOfApproved } from '#core/rotation/start-of-approved.ts';
import type { Db } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';
import { ring } from '#lib/queue.ts';

const input = z.object({
  rotationId: z.uuid(),
  /** The digest of the plan that was read. */
  digest: z.string(),
});

/**
 * Whether the actor may approve at this moment: their role and their limits were read before. It stays so until the transaction ends, for
 * the user and the rotation are locked: whoever takes the role away, or moves the credential out of the limits, takes back what was
 * approved until then.
 */
async function mayApprove(tx: Db, { id }: Actor, { credentialId }: Pending): Promise<boolean> {
  const found = await tx.$queryRaw<unknown[]>`
    select 1 from users u join credentials c on c.id = ${credentialId}::uuid
     where u.id = ${id}::uuid and u.disabled_at is null and u.role in ('approver', 'admin')
       and (cardinality(u.environments) = 0 or c.environment = any(u.environments))
       and (cardinality(u.labels) = 0 or c.labels && u.labels)`;
  return found.length > 0;
}

/** Why this person may not approve; null when they may. */
function refusalOf(pending: Pending, actor: Actor, mayNow: boolean): string | null {
  if (pending.isOver) {
    return 'Nobody approved it in time.';
  }
  return approveRefusal(pending, actor) ?? (mayNow ? null : 'You may not approve this rotation any more.');
}

/**
 * The plan is another one now: what was approved is approved no longer, and the rotation goes by the new one in all that was taken from
 * its plan. Answers whether it is another.
 */
async function voidChanged(tx: Db, pending: Pending, plan: Plan): Promise<boolean> {
  if (plan.digest === pending.digest) {
    return false;
  }
  await tx.rotation.update({
    where: { id: pending.id },
    data: {
      planDigest: plan.digest,
      strategy: plan.strategy,
      graceAfterUseSeconds: plan.graceAfterUseSeconds,
      deliverySeconds: plan.deliverySeconds,
      predictedGapSeconds: plan.gap.seconds,
      needs: plan.needs,
      retryAttempts: plan.retry.attempts,
      retrySeconds: plan.retry.seconds,
    },
  });
  await tx.approval.deleteMany({ where: { rotationId: pending.id } });
  return true;
}

/**
 * One person's yes to the plan that they have read. With the last one that is needed the rotation goes on, one of a
 * schedule once its policy lets rotations start. A plan that has
 * changed since is not approved: earlier approvals are void, and the new plan has to be read.
 */
export const approveRotation = useCase(
  { name: 'approve-rotation', may: ['approver', 'admin'], stepUp: false, scope: 'credential', input },
  async ({ actor, db }, { rotationId, digest }) => {
    const before = await readPending(db.prisma, rotationId);
    const { credentialId, graceSeconds, graceAfterUseSeconds, requestedBy } = before;
    const asked = { credentialId, graceSeconds, graceAfterUseSeconds, requester: requestedBy.name };
    // Made before the transaction: one that holds a connection must not wait for another.
    const plan = await makePlan(db.pool, asked);
    const result = await db.prisma.$transaction(async (tx) => {
      // The user first, then the rotation, as where approvals are taken back.
      await tx.$queryRaw`select 1 from users where id = ${actor.id}::uuid for share`;
      const pending = await lockPending(tx, rotationId);
      const why = refusalOf(pending, actor, await mayApprove(tx, actor, pending));
      if (why !== null || actor.id === null) {
        throw new Problem(409, 'not_now', `${why} Nothing was changed.`);
      }
      const { credential, needed } = pending;
      const about = { rotationId, credentialId, credential, actor: auditActor(actor) };
      if (pending.digest !== before.digest) {
        // Somebody was told so meanwhile, and has voided what was approved.
        return 'changed' as const;
      }
      if (await voidChanged(tx, pending, plan)) {
        await record(tx, { action: 'rotation.approvals_voided', ...about });
        return 'changed' as const;
      }
      if (digest !== plan.digest) {
        return 'changed' as const;
      }
      await tx.approval.create({ data: { rotationId, userId: actor.id, name: actor.name, digest } });
      const given = pending.given.length + 1;
      await record(tx, { action: 'rotation.approved', ...about, given, needed });
      if (given < needed) {
        return 'waits' as const;
      }
      const startsAt = await startOfApproved(tx, pending.isScheduled, credentialId);
      await tx.$executeRaw`
        update rotations set hold = null, hold_detail = null, deadline = null, next_attempt_at = ${startsAt}
         where id = ${rotationId}::uuid`;
      return 'goes_on' as const;
    });
    if (result === 'changed') {
      const sentence =
        'The plan has changed since you read it, so nothing was approved. Read the new one, then decide.';
      throw new Problem(409, 'plan_changed', sentence);
    }
    if (result === 'goes_on') {
      await ring({ rotationId, fence: '0' }).catch(() => {});
    }
    return { goesOn: result === 'goes_on' };
  },
);
