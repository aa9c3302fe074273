import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { requireApprovalsKept } from '#core/policies/approvals-kept.ts';
import { nextSlot, rhythmOf } from '#core/schedule/next-slot.ts';
import { dueOf, rulesOfRow } from '#core/schedule/rules.ts';
import { databaseTime } from '#lib/clock.ts';
import { notFound } from '#lib/problem.ts';

/** Puts a credential under a policy; it rotates first at the policy's next slot, never at once. */
export const assignPolicy = useCase(
  {
    name: 'assign-policy',
    may: ['operator', 'admin'],
    stepUp: false,
    scope: 'credential',
    input: z.object({ credentialId: z.uuid(), policyId: z.uuid() }),
  },
  async ({ actor, db }, { credentialId, policyId }) => {
    const now = await databaseTime();
    return db.prisma.$transaction(async (tx) => {
      const credential = await tx.credential.findUnique({
        where: { id: credentialId, archivedAt: null },
        include: { assignment: { include: { policy: true } } },
      });
      const policy = await tx.policy.findUnique({ where: { id: policyId, archivedAt: null } });
      if (credential === null || policy === null) {
        throw notFound(credential === null ? 'credential' : 'policy');
      }
      requireApprovalsKept(actor, credential.assignment?.policy ?? null, policy.approvals);
      const slot = nextSlot(rhythmOf(policy), now, now);
      const dueAt = slot === null ? null : dueOf(slot, rulesOfRow(policy), credentialId);
      const data = {
        policyId,
        slot,
        dueAt,
        nextSlot: null,
        nextDueAt: null,
        fillAt: null,
        movedBy: null,
        since: now,
      };
      await tx.policyAssignment.upsert({
        where: { credentialId },
        create: { credentialId, ...data },
        update: data,
      });
      await record(tx, {
        action: 'policy.assigned',
        actor: auditActor(actor),
        credentialId,
        credential: credential.name,
        policy: policy.name,
      });
      return { nextRotationAt: dueAt?.toISOString() ?? null };
    });
  },
);
