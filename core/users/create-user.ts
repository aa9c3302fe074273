import { z } from 'zod';
import { auditActor, roles } from '#core/access/actor.ts';
import { requireLimitable } from '#core/access/scope.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { makeLink } from '#core/users/one-time-link.ts';
import { Problem } from '#lib/problem.ts';

const input = z.object({
  email: z.email('This is not an e-mail address.').trim().toLowerCase(),
  name: z.string().trim().min(1).optional(),
  role: z.enum(roles),
});

/**
 * Makes a user without a password and a link token that lets them choose one, once, within 24 hours. The token is
 * answered here and stored as a hash only. Somebody who has not chosen a password yet gets another link (`again`) and the
 * role that is said now; the link before is void. They keep their name where none is given.
 */
export const createUser = useCase(
  { name: 'create-user', may: ['admin'], stepUp: true, scope: 'everything', input },
  async ({ actor, db }, { email, name, role }) =>
    db.prisma.$transaction(async (tx) => {
      const known = await tx.user.findUnique({ where: { email }, include: { identities: true } });
      const isTaken =
        known?.passwordHash !== null || known.disabledAt !== null || known.identities.length > 0;
      if (known !== null && isTaken) {
        throw new Problem(
          409,
          'user_exists',
          `There is already a user with the e-mail ${email}, who can sign in or is disabled. Roles and access are changed under Settings, Users. Nothing was changed.`,
        );
      }
      if (known !== null) {
        requireLimitable(role, known, 'Take the limits away');
      }
      const data = { email, name: name ?? known?.name ?? email, role };
      const user = await tx.user.upsert({ where: { email }, create: data, update: data });
      const token = await makeLink(tx, user.id);
      const action = known === null ? 'user.created' : 'user.invited';
      await record(tx, { action, actor: auditActor(actor), email, role });
      return { id: user.id, token, again: known !== null };
    }),
);
