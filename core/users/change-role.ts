import { z } from 'zod';
import { auditActor, roles } from '#core/access/actor.ts';
import { requireLimitable } from '#core/access/scope.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { requireOtherAdmin } from '#core/users/require-other-admin.ts';
import { withdrawApprovals } from '#core/users/withdraw-approvals.ts';
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
      requireLimitable(role, user, 'Take the limits away');
      await tx.user.update({ where: { id }, data: { role } });
      const { email, role: from } = user;
      if (role !== 'approver' && role !== 'admin') {
        await withdrawApprovals(tx, id, auditActor(actor));
      }
      await record(tx, { action: 'role.changed', actor: auditActor(actor), email, from, to: role });
    });
  },
);
