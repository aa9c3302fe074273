import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { momentOf } from '#core/policies/first-run.ts';
import { rhythmOf, slotAfterMoved } from '#core/schedule/next-slot.ts';
import { dueOf, rulesOfRow } from '#core/schedule/rules.ts';
import { databaseTime } from '#lib/clock.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({
  credentialId: z.uuid(),
  at: z.iso.datetime({ offset: true }),
});

/**
 * Moves the next rotation of one credential to another time. It takes the place of the slot it was: a fixed distance counts
 * from it, a calendar goes on after both. The other credentials of the policy keep theirs.
 */
export const moveNextRun = useCase(
  { name: 'move-next-run', may: ['operator', 'admin'], stepUp: false, scope: 'credential', input },
  async ({ actor, db }, { credentialId, at: wish }) => {
    const now = await databaseTime();
    return db.prisma.$transaction(async (tx) => {
      // Waits for a claim: a slot that has just started is not the one that was to be moved.
      await tx.$queryRaw`
        select 1 from policy_assignments where credential_id = ${credentialId}::uuid for update`;
      const assignment = await tx.policyAssignment.findUnique({
        where: { credentialId },
        include: { policy: true, credential: true },
      });
      if (assignment === null) {
        throw notFound('schedule');
      }
      const { policy, credential, slot, dueAt } = assignment;
      if (!policy.enabled || slot === null || dueAt === null) {
        throw new Problem(
          409,
          'no_next_run',
          `${credential.name} has no next rotation to move${policy.enabled ? ' yet' : ': its policy is off'}. Nothing was changed.`,
        );
      }
      const rules = rulesOfRow(policy);
      const at = momentOf(wish, rules, now);
      const next = slotAfterMoved(rhythmOf(policy), slot, at);
      const nextDue = next === null ? null : dueOf(next, rules, credentialId);
      await tx.policyAssignment.update({
        where: { credentialId },
        data: {
          slot: at,
          dueAt: at,
          nextSlot: nextDue === null ? null : next,
          nextDueAt: nextDue,
          fillAt: null,
          movedBy: 'hand',
          chosenBy: auditActor(actor),
        },
      });
      await record(tx, {
        action: 'slot.moved',
        actor: auditActor(actor),
        credentialId,
        credential: credential.name,
        from: dueAt.toISOString(),
        to: at.toISOString(),
      });
      return { nextRotationAt: at.toISOString() };
    });
  },
);
