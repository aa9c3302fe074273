import { createHash, randomBytes } from 'node:crypto';
import { base32, stepOfCode } from '#core/access/totp.ts';
import { forgetFailures, takeAttempt } from '#core/users/attempts.ts';
import { open } from '#core/vault/seal.ts';
import type { Database, Db } from '#lib/db.ts';

export const placeOfFactor = (id: string) => ({ table: 'second_factors', id, field: 'sealed' });

/**
 * Codes of an authenticator are counted for the user whatever the address: a million of them are few for somebody with many
 * addresses. Only who knows the password gets to guess them, and a recovery code still opens then.
 */
const COUNTED_AT = 'second-factor';

const hashOf = (code: string) => createHash('sha256').update(code.replaceAll('-', '')).digest('hex');

export const looksLikeCode = (text: string) => /^\d{6}$/.test(text);

/** Takes a code of the authenticator: right, of a time step not used yet, and then used. */
export async function takeTotp(tx: Db, userId: string, code: string): Promise<boolean> {
  const factor = await tx.secondFactor.findUnique({ where: { userId } });
  if (factor === null || factor.confirmedAt === null) {
    return false;
  }
  const [clock] = await tx.$queryRaw<{ now: Date }[]>`select rekey_now() as now`;
  const step = clock && stepOfCode(open(placeOfFactor(factor.id), factor.sealed), code, clock.now);
  if (step == null) {
    return false;
  }
  const { count } = await tx.secondFactor.updateMany({
    where: { userId, lastStep: { lt: step } },
    data: { lastStep: step },
  });
  return count === 1;
}

/** Takes a recovery code, which is used up by that. 80 random bits: they are not guessed, so hashing them once is enough. */
async function takeRecoveryCode(tx: Db, userId: string, code: string): Promise<boolean> {
  const used = await tx.$executeRaw`
    update recovery_codes set used_at = rekey_now()
     where code_hash = ${hashOf(code)} and user_id = ${userId}::uuid and used_at is null`;
  return used === 1;
}

/**
 * Whether somebody who gave the right password also has the second factor. Guesses are counted, and `tell` records the first one too many;
 * what is right is used up.
 */
export async function hasSecondFactor(
  db: Database,
  user: { id: string; email: string },
  given: string,
  tell: (tx: Db) => Promise<void>,
): Promise<boolean> {
  const { prisma } = db;
  const code = given.replaceAll(/\s/g, '').toUpperCase();
  if (!looksLikeCode(code)) {
    return takeRecoveryCode(prisma, user.id, code);
  }
  await takeAttempt(db, {
    email: user.email,
    at: COUNTED_AT,
    sentence: (minutes) =>
      `Too many wrong codes for your account. A recovery code still lets you in; or wait ${minutes} minutes.`,
    tell,
  });
  const right = await takeTotp(prisma, user.id, code);
  if (right) {
    await forgetFailures(prisma, user.email, COUNTED_AT);
  }
  return right;
}

/** Ten new recovery codes in place of those there were. They are answered here and stored as hashes only. */
export async function makeRecoveryCodes(tx: Db, userId: string): Promise<string[]> {
  const codes = Array.from({ length: 10 }, () => (base32(randomBytes(10)).match(/.{4}/g) ?? []).join('-'));
  await tx.recoveryCode.deleteMany({ where: { userId } });
  await tx.recoveryCode.createMany({ data: codes.map((code) => ({ userId, codeHash: hashOf(code) })) });
  return codes;
}

/** Takes away a user's second factor with its recovery codes. Answers whether there was one that counted. */
export async function removeFactor(tx: Db, userId: string): Promise<boolean> {
  await tx.recoveryCode.deleteMany({ where: { userId } });
  const gone = await tx.secondFactor.findUnique({ where: { userId } });
  await tx.secondFactor.deleteMany({ where: { userId } });
  return gone !== null && gone.confirmedAt !== null;
}
