import { z } from 'zod';
import { hashPassword } from '#core/access/password.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { endSessions } from '#core/users/end-sessions.ts';
import { hashOfToken } from '#core/users/one-time-link.ts';
import { newPassword } from '#core/users/password-input.ts';
import { Problem } from '#lib/problem.ts';

/** Sets a user's password with a one-time link. The link is used up, also when two try at the same time, and all their sessions end. */
export const choosePassword = useCase(
  {
    name: 'choose-password',
    may: [],
    stepUp: false,
    scope: 'everything',
    input: z.object({ token: z.string(), password: newPassword }),
  },
  async ({ db }, input) => {
    const tokenHash = hashOfToken(input.token);
    const passwordHash = await hashPassword(input.password);
    return db.prisma.$transaction(async (tx) => {
      const rows = await tx.$queryRaw<{ id: string; name: string; email: string }[]>`
        update sign_in_links l set used_at = rekey_now()
          from users u
         where l.token_hash = ${tokenHash} and l.used_at is null and l.expires_at > rekey_now() and u.id = l.user_id
        returning u.id, u.name, u.email`;
      const user = rows[0];
      if (user === undefined) {
        throw new Problem(
          404,
          'link_spent',
          'This link was used or has expired. Ask an admin for a new one.',
        );
      }
      await tx.user.update({ where: { id: user.id }, data: { passwordHash } });
      await endSessions(tx, user.id);
      await record(tx, {
        action: 'user.password_chosen',
        actor: { kind: 'user', id: user.id, name: user.name },
      });
      return { email: user.email };
    });
  },
);
