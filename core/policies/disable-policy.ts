import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { notFound, Problem } from '#lib/problem.ts';

/** Switches a policy off: its credentials keep it, and none rotates by it. What is open goes on, and approvals still bind. */
export const disablePolicy = useCase(
  {
    name: 'disable-policy',
    may: ['admin'],
    stepUp: false,
    scope: 'everything',
    input: z.object({ policyId: z.uuid() }),
  },
  async ({ actor, db }, { policyId: id }) => {
    await db.prisma.$transaction(async (tx) => {
      const policy = await tx.policy.findUnique({ where: { id, archivedAt: null } });
      if (policy === null) {
        throw notFound('policy');
      }
      const { count } = await tx.policy.updateMany({
        where: { id, enabled: true },
        data: { enabled: false },
      });
      if (count === 0) {
        throw new Problem(
          409,
          'already_off',
          `The policy ${policy.name} is off already. Nothing was changed.`,
        );
      }
      await record(tx, { action: 'policy.disabled', actor: auditActor(actor), id, name: policy.name });
    });
  },
);
