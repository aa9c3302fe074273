import { z } from 'zod';
import { isPassword } from '#core/access/password.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { forgetFailures, takeAttempt } from '#core/users/attempts.ts';
import { hasSecondFactor } from '#core/users/second-factor.ts';
import type { Database, Db } from '#lib/db.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { Problem } from '#lib/problem.ts';

const input = z.object({
  email: z.string().trim().toLowerCase().max(254),
  password: z
    .string()
    .max(1024)
    .transform((value) => new Plaintext(value)),
  /** Of the authenticator, or a recovery code; asked for once the password was right. */
  code: z.string().max(100).optional(),
  address: z.string(),
  userAgent: z.string().optional(),
});

async function refused(on: Db, email: string, address: string, reason?: string): Promise<void> {
  const actor = { kind: 'system' as const, id: null, name: 'sign-in' };
  await record(on, { action: 'session.refused', outcome: 'failure', actor, email, address, reason });
}

/** Takes an attempt of this e-mail from this address; see `takeAttempt`. */
const knock = (db: Database, email: string, address: string) =>
  takeAttempt(db, {
    email,
    at: address,
    sentence: (minutes) => `Too many failed attempts from here. Wait ${minutes} minutes and try again.`,
    tell: (tx) => refused(tx, email, address, 'Too many attempts from this address failed.'),
  });

const wrong = () => new Problem(401, 'sign_in_refused', 'The e-mail or the password is wrong.');

/**
 * Whether the password that was found right is still the user's, and they are not disabled. It stays so until the transaction ends:
 * whoever changes it ends the session that is opened in here, too.
 */
async function isStillRight(tx: Db, user: { id: string; passwordHash: string | null }): Promise<boolean> {
  const found = await tx.$queryRaw<unknown[]>`
    select 1 from users
     where id = ${user.id}::uuid and password_hash = ${user.passwordHash} and disabled_at is null for share`;
  return found.length > 0;
}

/** Throws where the user, whose password was right, has a second factor, and this is no code of it. */
async function requireCode(
  db: Database,
  id: string,
  { email, code, address }: Pick<z.output<typeof input>, 'email' | 'code' | 'address'>,
): Promise<void> {
  const confirmed = { userId: id, confirmedAt: { not: null } };
  if ((await db.prisma.secondFactor.count({ where: confirmed })) === 0) {
    return;
  }
  if (code === undefined) {
    await forgetFailures(db.prisma, email, address);
    throw new Problem(401, 'code_required', 'Give the code of your authenticator, too.');
  }
  const tell = (tx: Db) =>
    refused(tx, email, address, 'The password was right, and too many codes were not.');
  if (!(await hasSecondFactor(db, { id, email }, code, tell))) {
    await refused(db.prisma, email, address, 'The password was right, the code was not.');
    throw new Problem(401, 'code_refused', 'This code is wrong or was used already. Wait for the next one.');
  }
}

/**
 * Opens a session for an e-mail and password, and a code where the user has a second factor; answers its id. A wrong e-mail and a wrong password are refused with
 * the same words, after the same work.
 */
export const signIn = useCase(
  { name: 'sign-in', may: [], stepUp: false, scope: 'everything', input },
  async ({ db }, { email, password, code, address, userAgent }) => {
    await knock(db, email, address);
    const user = await db.prisma.user.findUnique({ where: { email } });
    const accepted = await isPassword(password, user?.passwordHash ?? null);
    if (user === null || !accepted || user.disabledAt !== null) {
      await refused(db.prisma, email, address);
      throw wrong();
    }
    await requireCode(db, user.id, { email, code, address });
    const opened = await db.prisma.$transaction(async (tx) => {
      if (!(await isStillRight(tx, user))) {
        return null;
      }
      const session = await tx.session.create({
        data: { userId: user.id, address, userAgent: userAgent ?? null },
      });
      await forgetFailures(tx, email, address);
      const actor = { kind: 'user' as const, id: user.id, name: user.name };
      await record(tx, { action: 'session.opened', actor, address });
      return { sessionId: session.id };
    });
    if (opened === null) {
      await refused(db.prisma, email, address);
      throw wrong();
    }
    return opened;
  },
);
