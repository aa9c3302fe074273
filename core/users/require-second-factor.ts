import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { Problem } from '#lib/problem.ts';

/**
 * From now on everybody who signs in with a password must have a second factor: who has none can do nothing but set one up.
 * The admin who says so has one, so that nobody is left who could take it back. A single sign-on asks for its own factors, and API
 * clients have none.
 */
export const requireSecondFactor = useCase(
  { name: 'require-second-factor', may: ['admin'], stepUp: true, scope: 'everything', input: z.object({}) },
  async ({ actor, db }) => {
    if (actor.kind === 'api_client') {
      throw new Problem(403, 'no_session', 'Only a person can require a second factor. Nothing was changed.');
    }
    await db.prisma.$transaction(async (tx) => {
      if (actor.kind === 'user') {
        const own = await tx.secondFactor.count({ where: { userId: actor.id, confirmedAt: { not: null } } });
        if (own === 0) {
          const sentence =
            'You have no second factor yourself. Add one on the page Your account first; nothing was changed.';
          throw new Problem(409, 'no_second_factor', sentence);
        }
      }
      const { count } = await tx.secondFactorRule.createMany({
        data: { by: actor.name },
        skipDuplicates: true,
      });
      if (count === 1) {
        await record(tx, { action: 'second_factor.required', actor: auditActor(actor) });
      }
    });
  },
);
