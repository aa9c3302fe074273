import { z } from 'zod';
import { isPassword } from '#core/access/password.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import type { Db } from '#lib/db.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { Problem } from '#lib/problem.ts';

const LIMIT = { failures: 10, minutes: 15 };

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
 * Takes one of the few attempts there are: it counts as a failure until the password turns out right, and attempts
 * for the same e-mail and address are counted one after the other, so that guesses sent all at once gain nothing.
 * Counted per address as well as per e-mail, so that nobody can lock somebody else out from afar.
 */
async function takeAttempt(tx: Db, email: string, address: string): Promise<void> {
  const knocker = JSON.stringify([email, address]);
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${knocker}, 0))`;
  const rows = await tx.$queryRaw<{ count: bigint }[]>`
    select count(*) as count from sign_in_failures
     where email = ${email} and address = ${address}
       and at > rekey_now() - make_interval(mins => ${LIMIT.minutes})`;
  if (Number(rows[0]?.count ?? 0) >= LIMIT.failures) {
    throw new Problem(
      429,
      'too_many_sign_ins',
      `Too many failed sign-ins from this address. Wait ${LIMIT.minutes} minutes and try again.`,
    );
  }
  await tx.signInFailure.create({ data: { email, address } });
}

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
      await tx.signInFailure.deleteMany({ where: { email, address } });
      const actor = { kind: 'user' as const, id: user.id, name: user.name };
      await record(tx, { action: 'session.opened', actor, address });
      return { sessionId: session.id };
    });
  },
);
