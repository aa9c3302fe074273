import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { chosenSlot, firstRunInput } from '#core/policies/first-run.ts';
import { rulesOfRow } from '#core/schedule/rules.ts';
import { databaseTime } from '#lib/clock.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({ policyId: z.uuid(), first: firstRunInput.default('next_slot') });

/**
 * Switches a policy on again, and says when its credentials rotate first. Slots that passed while it was off are not made
 * up for. A first run now is spread as the policy says.
 */
export const enablePolicy = useCase(
  { name: 'enable-policy', may: ['admin'], stepUp: false, scope: 'everything', input },
  async ({ actor, db }, { policyId: id, first }) => {
    const now = await databaseTime();
    return db.prisma.$transaction(async (tx) => {
      const policy = await tx.policy.findUnique({ where: { id, archivedAt: null } });
      if (policy === null) {
        throw notFound('policy');
      }
      const slot = chosenSlot(first, rulesOfRow(policy), now);
      const { count } = await tx.policy.updateMany({
        where: { id, enabled: false },
        data: { enabled: true },
      });
      if (count === 0) {
        throw new Problem(409, 'already_on', `The policy ${policy.name} is on already. Nothing was changed.`);
      }
      // The filler works out the starts: each credential has its own share of the spread.
      const { count: credentials } = await tx.policyAssignment.updateMany({
        where: { policyId: id },
        data: {
          slot,
          dueAt: null,
          nextSlot: null,
          nextDueAt: null,
          fillAt: null,
          movedBy: slot === null ? null : 'hand',
          chosenBy: auditActor(actor),
          since: now,
        },
      });
      await record(tx, {
        action: 'policy.enabled',
        actor: auditActor(actor),
        id,
        name: policy.name,
        credentials,
        first: slot?.toISOString(),
      });
      return { credentials };
    });
  },
);
