import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { reason } from '#core/access/reason.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { Problem } from '#lib/problem.ts';

/**
 * Lets no rotation of anything start or go on. One that stands in a gap goes on until no consumer lacks a secret that
 * works.
 */
export const pauseEverything = useCase(
  {
    name: 'pause-everything',
    may: ['admin'],
    stepUp: false,
    scope: 'everything',
    input: z.object({ reason }),
  },
  async ({ actor, db }, { reason: why }) => {
    await db.prisma.$transaction(async (tx) => {
      const data = [{ by: actor.name, reason: why }];
      const { count } = await tx.standstill.createMany({ data, skipDuplicates: true });
      if (count === 0) {
        throw new Problem(409, 'already_paused', 'Everything is paused already. Nothing was changed.');
      }
      await record(tx, { action: 'everything.paused', actor: auditActor(actor), reason: why });
    });
  },
);
