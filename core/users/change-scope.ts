import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { notFound, Problem } from '#lib/problem.ts';

const words = z.array(z.string().trim().min(1).max(50)).max(50);
const input = z.object({ userId: z.uuid(), environments: words, labels: words });

/**
 * Limits a user to the credentials of some environments, of some labels, or of both; empty lists take the limit away. It counts at
 * their next request. An admin looks after everything and cannot be limited.
 */
export const changeScope = useCase(
  { name: 'change-scope', may: ['admin'], stepUp: true, scope: 'everything', input },
  async ({ actor, db }, { userId: id, environments, labels }) => {
    await db.prisma.$transaction(async (tx) => {
      const user = await tx.user.findUnique({ where: { id } });
      if (user === null) {
        throw notFound('user');
      }
      if (user.role === 'admin' && environments.length + labels.length > 0) {
        throw new Problem(
          409,
          'admin_not_limited',
          'An admin cannot be limited. Give them another role first; nothing was changed.',
        );
      }
      await tx.user.update({ where: { id }, data: { environments, labels } });
      const { email } = user;
      await record(tx, { action: 'scope.changed', actor: auditActor(actor), email, environments, labels });
    });
  },
);
