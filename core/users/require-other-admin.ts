import { canSignIn } from '#core/access/can-sign-in.ts';
import type { Db } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';

/**
 * Throws where this user is an admin who can sign in, and nobody else is. The admins are locked until the transaction ends, so
 * that two who take the role from each other at the same time are not both let through.
 */
export async function requireOtherAdmin(tx: Db, userId: string): Promise<void> {
  const admins = await tx.$queryRawUnsafe<{ id: string }[]>(
    `select u.id from users u where u.role = 'admin' and ${canSignIn} order by u.id for update of u`,
  );
  if (admins.length === 1 && admins[0]?.id === userId) {
    throw new Problem(
      409,
      'last_admin',
      'This is the only admin who can sign in. Make somebody else an admin first; nothing was changed.',
    );
  }
}
