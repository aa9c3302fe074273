import { networkOf } from '#lib/client-address.ts';
import type { Database, Db } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';

const LIMIT = { failures: 10, minutes: 15 };

/** Who tries: their e-mail, and the address that attempts are counted by, or what they are counted as instead. */
interface Attempt {
  readonly email: string;
  readonly at: string;
  /** What was tried too often, and what helps beside waiting: for whoever reads that they have to wait. */
  readonly sentence: (minutes: number) => string;
  /** Records the first attempt that is one too many; those after it are neither counted nor recorded. */
  readonly tell: (tx: Db) => Promise<void>;
}

/**
 * Takes one of the few attempts there are: it counts as a failure until it turns out right, and attempts
 * of the same e-mail and address are counted one after the other, so that guesses sent all at once gain nothing.
 * Counted per address as well as per e-mail, so that nobody can lock somebody else out from afar. Failures that count
 * no more are removed on the way. All addresses of one IPv6 network count as one. Throws a `Problem` 429 where there were too many.
 */
export async function takeAttempt({ prisma }: Database, attempt: Attempt): Promise<void> {
  const { email, at, sentence, tell } = attempt;
  const address = networkOf(at);
  const isTaken = await prisma.$transaction(async (tx) => {
    const knocker = JSON.stringify([email, address]);
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${knocker}, 0))`;
    await tx.$executeRaw`delete from sign_in_failures where at <= rekey_now() - make_interval(mins => ${LIMIT.minutes})`;
    const count = await tx.signInFailure.count({ where: { email, address } });
    if (count <= LIMIT.failures) {
      await tx.signInFailure.create({ data: { email, address } });
    }
    if (count === LIMIT.failures) {
      await tell(tx);
    }
    return count < LIMIT.failures;
  });
  if (!isTaken) {
    throw new Problem(429, 'too_many_sign_ins', sentence(LIMIT.minutes));
  }
}

/** Forgets the failures of an e-mail and address, after one that was right. */
export async function forgetFailures(tx: Db, email: string, address: string): Promise<void> {
  await tx.signInFailure.deleteMany({ where: { email, address: networkOf(address) } });
}
