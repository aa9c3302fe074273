import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { endSessions } from '#core/users/end-sessions.ts';

/** Ends all sessions of the actor's own but the one that asks. Answers how many ended. */
export const revokeOtherSessions = useCase(
  {
    name: 'revoke-other-sessions',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    stepUp: false,
    scope: 'own',
    input: z.object({}),
  },
  async ({ actor, db }) => {
    if (actor.kind !== 'user') {
      return { sessions: 0 };
    }
    return db.prisma.$transaction(async (tx) => {
      const sessions = await endSessions(tx, actor.id, actor.sessionId ?? null);
      const { email: of } = await tx.user.findUniqueOrThrow({ where: { id: actor.id } });
      await record(tx, { action: 'session.revoked', actor: auditActor(actor), of, sessions });
      return { sessions };
    });
  },
);
