import { z } from 'zod';
import { auditActor, roles } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { giveRole } from '#core/users/give-role.ts';
import { requireOtherAdmin } from '#core/users/require-other-admin.ts';
import { notFound } from '#lib/problem.ts';

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
      }
      await giveRole(tx, id, role, auditActor(actor));
    });
  },
);
