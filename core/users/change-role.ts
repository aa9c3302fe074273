import { z } from 'zod';
import { auditActor, roles } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { requireOtherAdmin } from '#core/users/require-other-admin.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({ userId: z.uuid(), role: z.enum(roles) });

/** Gives a user another role, which counts at their next request. The last admin keeps theirs. */
export const changeRole = useCase(
  { name: 'change-role', may: ['admin'], stepUp: true, scope: 'everything', input },
  async ({ actor, db }, { userId: id, role }) => {
    await db.prisma.$transaction(async (tx) => {
      const user = await tx.user.findUnique({ where: { id } });
      if (user === null) {
        throw notFound('user');
      }
      if (user.role === role) {
        return;
      }
      if (role !== 'admin') {
        await requireOtherAdmin(tx, id);
      } else if (user.environments.length + user.labels.length > 0) {
        throw new Problem(
          409,
          'admin_not_limited',
          'An admin cannot be limited. Take the limits away first; nothing was changed.',
        );
      }
      await tx.user.update({ where: { id }, data: { role } });
      const { email, role: from } = user;
      await record(tx, { action: 'role.changed', actor: auditActor(actor), email, from, to: role });
    });
  },
);
