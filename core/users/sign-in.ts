import { z } from 'zod';
import { isPassword } from '#core/access/password.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { forgetFailures, takeAttempt } from '#core/users/attempts.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { Problem } from '#lib/problem.ts';

const input = z.object({
  email: z.string().trim().toLowerCase().max(254),
  password: z
    .string()
    .max(1024)
    .transform((value) => new Plaintext(value)),
  address: z.string(),
  userAgent: z.string().optional(),
});

/**
 * Opens a session for an e-mail and password; answers its id. A wrong e-mail and a wrong password are refused with
 * the same words, after the same work.
 */
export const signIn = useCase(
  { name: 'sign-in', may: [], stepUp: false, scope: 'everything', input },
  async ({ db }, { email, password, address, userAgent }) => {
    await db.prisma.$transaction((tx) => takeAttempt(tx, email, address));
    const user = await db.prisma.user.findUnique({ where: { email } });
    const accepted = await isPassword(password, user?.passwordHash ?? null);
    if (user === null || !accepted || user.disabledAt !== null) {
      const actor = { kind: 'system' as const, id: null, name: 'sign-in' };
      await record(db.prisma, { action: 'session.refused', outcome: 'failure', actor, email, address });
      throw new Problem(401, 'sign_in_refused', 'The e-mail or the password is wrong.');
    }
    return db.prisma.$transaction(async (tx) => {
      const session = await tx.session.create({
        data: { userId: user.id, address, userAgent: userAgent ?? null },
      });
      await forgetFailures(tx, email, address);
      const actor = { kind: 'user' as const, id: user.id, name: user.name };
      await record(tx, { action: 'session.opened', actor, address });
      return { sessionId: session.id };
    });
  },
);
