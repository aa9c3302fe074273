import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import type { Level } from '#core/outside/levels.ts';
import { requireApprovalsKept } from '#core/policies/approvals-kept.ts';
import { chosenSlot, firstRunInput } from '#core/policies/first-run.ts';
import { requireNeedsProvable } from '#core/policies/provable-needs.ts';
import { nextSlot, rhythmOf } from '#core/schedule/next-slot.ts';
import { openingFrom } from '#core/schedule/opening.ts';
import { dueOf, rulesOf, rulesOfRow } from '#core/schedule/rules.ts';
import { databaseTime } from '#lib/clock.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({
  credentialId: z.uuid(),
  policyId: z.uuid(),
  first: firstRunInput.default('next_slot'),
});

/**
 * Puts a credential under a policy. It rotates first at the policy's next slot, unless somebody says now or names a time;
 * the policy's window and blackouts count for that too.
 */
export const assignPolicy = useCase(
  { name: 'assign-policy', may: ['operator', 'admin'], stepUp: false, scope: 'credential', input },
  async ({ actor, db }, { credentialId, policyId, first }) => {
    const now = await databaseTime();
    return db.prisma.$transaction(async (tx) => {
      // Nobody archives either of them meanwhile.
      await tx.$queryRaw`select 1 from policies where id = ${policyId}::uuid for share`;
      await tx.$queryRaw`select 1 from credentials where id = ${credentialId}::uuid for key share`;
      const credential = await tx.credential.findUnique({
        where: { id: credentialId, archivedAt: null },
        include: { assignment: { include: { policy: true } } },
      });
      const policy = await tx.policy.findUnique({ where: { id: policyId, archivedAt: null } });
      if (credential === null || policy === null) {
        throw notFound(credential === null ? 'credential' : 'policy');
      }
      await requireNeedsProvable(tx, policy.needs as Level | null, { id: credentialId });
      requireApprovalsKept(actor, credential.assignment?.policy ?? null, policy.approvals);
      if (!policy.enabled && first !== 'next_slot') {
        throw new Problem(
          409,
          'policy_off',
          `The policy ${policy.name} is off, so nothing can start under it. Nothing was changed.`,
        );
      }
      const rules = rulesOfRow(policy);
      const chosen = chosenSlot(first, rules, now);
      const slot = chosen ?? nextSlot(rhythmOf(policy), now, now);
      const due =
        chosen === null ? slot && dueOf(slot, rules, credentialId) : openingFrom(chosen, rulesOf(rules));
      const data = {
        policyId,
        slot,
        dueAt: due,
        nextSlot: null,
        nextDueAt: null,
        fillAt: null,
        movedBy: chosen === null ? null : 'hand',
        chosenBy: auditActor(actor),
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
        first: first === 'next_slot' ? undefined : chosen?.toISOString(),
      });
      return { nextRotationAt: policy.enabled ? (due?.toISOString() ?? null) : null };
    });
  },
);
