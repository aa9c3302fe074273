import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { hashPassword } from '#core/access/password.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { endSessions } from '#core/users/end-sessions.ts';
import { voidLinks } from '#core/users/one-time-link.ts';
import { newPassword } from '#core/users/password-input.ts';
import { Problem } from '#lib/problem.ts';

/** Gives the actor another password. Their other sessions end at once, and a link to choose one is void. */
export const changePassword = useCase(
  {
    name: 'change-password',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    stepUp: true,
    scope: 'own',
    input: z.object({ password: newPassword }),
  },
  async ({ actor, db }, { password }) => {
    if (actor.kind !== 'user') {
      throw new Problem(403, 'no_session', 'Only a person who is signed in has a password.');
    }
    // Who comes through the single sign-on alone would keep a way in when they are removed there.
    if ((await db.prisma.user.count({ where: { id: actor.id, passwordHash: { not: null } } })) === 0) {
      throw new Problem(
        409,
        'no_password',
        'You sign in through the single sign-on and have no password here.',
      );
    }
    const passwordHash = await hashPassword(password);
    await db.prisma.$transaction(async (tx) => {
      await tx.user.update({ where: { id: actor.id }, data: { passwordHash } });
      await voidLinks(tx, actor.id);
      await endSessions(tx, actor.id, actor.sessionId ?? null);
      await record(tx, { action: 'user.password_changed', actor: auditActor(actor) });
    });
  },
);
