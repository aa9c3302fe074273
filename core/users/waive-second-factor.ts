import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';

/** Nobody must have a second factor any more; who has one keeps it. */
export const waiveSecondFactor = useCase(
  { name: 'waive-second-factor', may: ['admin'], stepUp: true, scope: 'everything', input: z.object({}) },
  async ({ actor, db }) => {
    await db.prisma.$transaction(async (tx) => {
      const { count } = await tx.secondFactorRule.deleteMany();
      if (count === 1) {
        await record(tx, { action: 'second_factor.waived', actor: auditActor(actor) });
      }
    });
  },
);
