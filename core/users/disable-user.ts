import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { withdrawApprovals } from '#core/access/withdraw-approvals.ts';
import { record } from '#core/audit/record.ts';
import { endSessions } from '#core/users/end-sessions.ts';
import { voidLinks } from '#core/users/one-time-link.ts';
import { requireOtherAdmin } from '#core/users/require-other-admin.ts';
import { notFound } from '#lib/problem.ts';

const input = z.object({ userId: z.uuid() });

/**
 * Keeps a user from signing in. Their sessions end at once and do not come back when they are enabled again; a link to choose
 * a password is void, and so is a new identity that was allowed, and what they approved where another approval is waited for. The
 * last admin cannot be disabled.
 */
export const disableUser = useCase(
  { name: 'disable-user', may: ['admin'], stepUp: true, scope: 'everything', input },
  async ({ actor, db }, { userId: id }) => {
    await db.prisma.$transaction(async (tx) => {
      const user = await tx.user.findUnique({ where: { id } });
      if (user === null) {
        throw notFound('user');
      }
      await requireOtherAdmin(tx, id);
      const changed = await tx.$executeRaw`
        update users set disabled_at = rekey_now(), identity_allowed_until = null
         where id = ${id}::uuid and disabled_at is null`;
      if (changed === 0) {
        return;
      }
      await endSessions(tx, id);
      await withdrawApprovals(tx, id, auditActor(actor));
      await voidLinks(tx, id);
      await record(tx, { action: 'user.disabled', actor: auditActor(actor), email: user.email });
    });
  },
);
