import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { makeLink } from '#core/users/one-time-link.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({ userId: z.uuid() });

/**
 * Makes a new link for a user who forgot their password, or lost the link of their invitation; answers its token, once. The one before is
 * void. What they sign in with works on until they have chosen a password with it; then their sessions end.
 */
export const renewLink = useCase(
  { name: 'renew-link', may: ['admin'], stepUp: true, scope: 'everything', input },
  async ({ actor, db }, { userId: id }) =>
    db.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`select 1 from users where id = ${id}::uuid for no key update`;
      const user = await tx.user.findUnique({ where: { id }, include: { identities: true } });
      if (user === null) {
        throw notFound('user');
      }
      const { name, email, role } = user;
      if (user.disabledAt !== null) {
        throw new Problem(
          409,
          'user_disabled',
          `${name} is disabled. Enable them first; nothing was changed.`,
        );
      }
      if (user.identities.length > 0) {
        throw new Problem(
          409,
          'no_password',
          `${name} signs in through the single sign-on and has no password here. Nothing was changed.`,
        );
      }
      const token = await makeLink(tx, id);
      await record(tx, { action: 'user.invited', actor: auditActor(actor), email, role });
      return { email, token };
    }),
);
