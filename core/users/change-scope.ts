import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { limitWords, requireLimitable } from '#core/access/scope.ts';
import { useCase } from '#core/access/use-case.ts';
import { withdrawApprovals } from '#core/access/withdraw-approvals.ts';
import { record } from '#core/audit/record.ts';
import { notFound } from '#lib/problem.ts';

const input = z.object({ userId: z.uuid(), environments: limitWords, labels: limitWords });

/**
 * Limits a user to the credentials of some environments, of some labels, or of both; empty lists take the limit away. It counts at
 * their next request, and what they approved outside of it where another approval is waited for is taken back. An admin looks after everything and cannot be limited.
 */
export const changeScope = useCase(
  { name: 'change-scope', may: ['admin'], stepUp: true, scope: 'everything', input },
  async ({ actor, db }, { userId: id, environments, labels }) => {
    await db.prisma.$transaction(async (tx) => {
      // A role that is being given at this moment is stored first.
      await tx.$queryRaw`select 1 from users where id = ${id}::uuid for no key update`;
      const user = await tx.user.findUnique({ where: { id } });
      if (user === null) {
        throw notFound('user');
      }
      requireLimitable(user.role, { environments, labels }, 'Give them another role');
      await tx.user.update({ where: { id }, data: { environments, labels } });
      await withdrawApprovals(tx, id, auditActor(actor), { environments, labels });
      const { email } = user;
      await record(tx, { action: 'scope.changed', actor: auditActor(actor), email, environments, labels });
    });
  },
);
