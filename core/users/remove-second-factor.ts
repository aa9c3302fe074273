import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { removeFactor } from '#core/users/second-factor.ts';

/** Takes away the actor's own second factor, with its recovery codes. */
export const removeSecondFactor = useCase(
  {
    name: 'remove-second-factor',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    stepUp: true,
    scope: 'own',
    input: z.object({}),
  },
  async ({ actor, db }) => {
    if (actor.kind !== 'user') {
      return;
    }
    await db.prisma.$transaction(async (tx) => {
      if (await removeFactor(tx, actor.id)) {
        await record(tx, { action: 'second_factor.removed', actor: auditActor(actor) });
      }
    });
  },
);
