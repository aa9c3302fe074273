import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({ userId: z.uuid() });

/**
 * Lets the next single sign-on with a user's verified e-mail be them, once, within 24 hours: where the identity provider knows people by
 * other names than before, or somebody who has a password is to come through it. Until then nothing changes for them.
 */
export const allowIdentity = useCase(
  { name: 'allow-identity', may: ['admin'], stepUp: true, scope: 'everything', input },
  async ({ actor, db }, { userId: id }) =>
    db.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`select 1 from users where id = ${id}::uuid for no key update`;
      const user = await tx.user.findUnique({ where: { id } });
      if (user === null) {
        throw notFound('user');
      }
      if (user.disabledAt !== null) {
        throw new Problem(
          409,
          'user_disabled',
          `${user.name} is disabled. Enable them first; nothing was changed.`,
        );
      }
      await tx.$executeRaw`
        update users set identity_allowed_until = rekey_now() + interval '24 hours' where id = ${id}::uuid`;
      await record(tx, { action: 'user.identity_allowed', actor: auditActor(actor), email: user.email });
    }),
);
