import { networkOf } from '#lib/client-address.ts';
import type { Db } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';

const LIMIT = { failures: 10, minutes: 15 };

/**
 * Takes one of the few attempts there are: it counts as a failure until it turns out right, and attempts
 * of the same e-mail and address are counted one after the other, so that guesses sent all at once gain nothing.
 * Counted per address as well as per e-mail, so that nobody can lock somebody else out from afar. Failures that count
 * no more are removed on the way. All addresses of one IPv6 network count as one.
 */
export async function takeAttempt(tx: Db, email: string, from: string): Promise<void> {
  const address = networkOf(from);
  const knocker = JSON.stringify([email, address]);
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${knocker}, 0))`;
  await tx.$executeRaw`delete from sign_in_failures where at <= rekey_now() - make_interval(mins => ${LIMIT.minutes})`;
  const count = await tx.signInFailure.count({ where: { email, address } });
  if (count >= LIMIT.failures) {
    throw new Problem(
      429,
      'too_many_sign_ins',
      `Too many failed attempts from here. Wait ${LIMIT.minutes} minutes and try again.`,
    );
  }
  await tx.signInFailure.create({ data: { email, address } });
}

/** Forgets the failures of an e-mail and address, after one that was right. */
export async function forgetFailures(tx: Db, email: string, address: string): Promise<void> {
  await tx.signInFailure.deleteMany({ where: { email, address: networkOf(address) } });
}
