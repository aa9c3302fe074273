import type { Actor } from '#core/access/actor.ts';
import { canSignIn } from '#core/access/can-sign-in.ts';
import { type Db, db } from '#lib/db.ts';

/** How long a second person has to confirm that the glass is broken. */
export const CONFIRM_MINUTES = 30;

/**
 * The names of those who could approve or confirm something about the credential, beside the people with these ids: they can sign in, are
 * approvers or admins, and their limits have this credential in them.
 */
export async function whoElse(on: Db, credentialId: string, ids: readonly string[]): Promise<string[]> {
  const rows = await on.$queryRawUnsafe<{ name: string }[]>(
    `select u.name from users u join credentials c on c.id = $1::uuid
      where u.role in ('approver', 'admin') and u.id::text <> all($2::text[]) and ${canSignIn}
        and (cardinality(u.environments) = 0 or c.environment = any(u.environments))
        and (cardinality(u.labels) = 0 or c.labels && u.labels)
      order by u.name`,
    credentialId,
    ids,
  );
  return rows.map(({ name }) => name);
}

/** Whether somebody else than this actor could confirm. */
export async function isSomebodyElse(on: Db, credentialId: string, id: string | null) {
  return (await whoElse(on, credentialId, id === null ? [] : [id])).length > 0;
}

/** Nobody else could confirm it, and this is an admin who is a person: they break the glass alone. */
export async function isAlone(actor: Actor, credentialId: string): Promise<boolean> {
  return (
    actor.kind === 'user' &&
    actor.role === 'admin' &&
    !(await isSomebodyElse(db().prisma, credentialId, actor.id))
  );
}
