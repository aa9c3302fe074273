import type { Actor } from '#core/access/actor.ts';
import { type Database, db } from '#lib/db.ts';

/** How long a second person has to confirm that the glass is broken. */
export const CONFIRM_MINUTES = 30;

/** People who can sign in, are approvers or admins, and whose limits have this credential in them. */
const OTHERS = `
  select u.name from users u join credentials c on c.id = $1::uuid
   where u.role in ('approver', 'admin') and u.disabled_at is null and u.id::text <> all($2::text[])
     and (u.password_hash is not null or exists (select 1 from identities i where i.user_id = u.id))
     and (cardinality(u.environments) = 0 or c.environment = any(u.environments))
     and (cardinality(u.labels) = 0 or c.labels && u.labels)
   order by u.name`;

/** The names of those who could approve or confirm something about the credential, beside the people with these ids. */
export async function whoElse(
  { pool }: Database,
  credentialId: string,
  ids: readonly string[],
): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(OTHERS, [credentialId, ids]);
  return rows.map(({ name }) => name);
}

/** Whether somebody else than this actor could confirm. */
export async function isSomebodyElse(database: Database, credentialId: string, id: string | null) {
  return (await whoElse(database, credentialId, id === null ? [] : [id])).length > 0;
}

/** Nobody else could confirm it, and this is an admin who is a person: they break the glass alone. */
export async function isAlone(actor: Actor, credentialId: string): Promise<boolean> {
  return (
    actor.kind === 'user' && actor.role === 'admin' && !(await isSomebodyElse(db(), credentialId, actor.id))
  );
}
