import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { notFound } from '#lib/problem.ts';

const input = z.object({ sessionId: z.uuid() });

/** Ends one session at once, on every server: one of the actor's own, or anybody's for an admin. A program has none of its own. */
export const revokeSession = useCase(
  {
    name: 'revoke-session',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    stepUp: false,
    scope: 'own',
    input,
  },
  async ({ actor, db }, { sessionId }) => {
    const anybodys = actor.kind === 'system' || actor.role === 'admin';
    await db.prisma.$transaction(async (tx) => {
      const rows = await tx.$queryRaw<{ email: string }[]>`
        update sessions s set revoked_at = coalesce(s.revoked_at, rekey_now())
          from users u
         where s.id = ${sessionId}::uuid and u.id = s.user_id and (${anybodys} or u.id = ${actor.id}::uuid)
        returning u.email`;
      const of = rows[0]?.email;
      if (of === undefined) {
        throw notFound('session');
      }
      await record(tx, { action: 'session.revoked', actor: auditActor(actor), of, sessions: 1 });
    });
  },
);
