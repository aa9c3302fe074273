import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';

/** Ends a session of the actor's own at once, on every server. */
export const signOut = useCase(
  {
    name: 'sign-out',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    stepUp: false,
    scope: 'own',
    beforeSecondFactor: true,
    input: z.object({ sessionId: z.uuid() }),
  },
  async ({ actor, db }, { sessionId }) => {
    await db.prisma.$transaction(async (tx) => {
      const ended = await tx.$executeRaw`
        update sessions set revoked_at = rekey_now()
         where id = ${sessionId}::uuid and user_id = ${actor.id}::uuid and revoked_at is null`;
      if (ended > 0) {
        await record(tx, { action: 'session.revoked', actor: auditActor(actor) });
      }
    });
  },
);
