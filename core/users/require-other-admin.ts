import type { Db } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';

/**
 * Throws where nobody but this user is an admin who can sign in. The admins are locked until the transaction ends, so that
 * two who take the role from each other at the same time are not both let through.
 */
export async function requireOtherAdmin(tx: Db, userId: string): Promise<void> {
  const admins = await tx.$queryRaw<{ id: string }[]>`
    select id from users
     where role = 'admin' and disabled_at is null and password_hash is not null
     order by id for update`;
  if (admins.every(({ id }) => id === userId)) {
    throw new Problem(
      409,
      'last_admin',
      'This is the only admin who can sign in. Make somebody else an admin first; nothing was changed.',
    );
  }
}
