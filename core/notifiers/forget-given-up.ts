import type { Db } from '#lib/db.ts';

/**
 * Forgets which notices a notifier gave up, so that the next sweep tells of what still stands. For the moment when there is
 * reason to think that it reaches people again: it has other settings, or it took a test.
 */
export async function forgetGivenUp(tx: Db, notifierId: string): Promise<void> {
  await tx.notification.deleteMany({ where: { notifierId, nextAt: null, sentAt: null } });
}
