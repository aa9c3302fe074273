import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { endSessions } from '#core/users/end-sessions.ts';
import { removeFactor } from '#core/users/second-factor.ts';
import { notFound } from '#lib/problem.ts';

const input = z.object({ userId: z.uuid() });

/** Takes away somebody's second factor, for example with a lost phone. Their sessions end; the password alone signs in. */
export const resetSecondFactor = useCase(
  { name: 'reset-second-factor', may: ['admin'], stepUp: true, scope: 'everything', input },
  async ({ actor, db }, { userId: id }) => {
    await db.prisma.$transaction(async (tx) => {
      const user = await tx.user.findUnique({ where: { id } });
      if (user === null) {
        throw notFound('user');
      }
      if (await removeFactor(tx, id)) {
        await endSessions(tx, id);
        await record(tx, { action: 'second_factor.removed', actor: auditActor(actor), of: user.email });
      }
    });
  },
);
