import type { Actor } from '#core/access/actor.ts';
import { type Database, db } from '#lib/db.ts';

/** How long a second person has to confirm that the glass is broken. */
export const CONFIRM_MINUTES = 30;

/**
 * Whether somebody else than this actor could confirm: a person who can sign in, is an approver or an admin, and whose limits
 * have this credential in them.
 */
const OTHERS = `
  select exists (
    select 1 from users u join credentials c on c.id = $1::uuid
     where u.role in ('approver', 'admin') and u.disabled_at is null and u.id::text is distinct from $2
       and (u.password_hash is not null or exists (select 1 from identities i where i.user_id = u.id))
       and (cardinality(u.environments) = 0 or c.environment = any(u.environments))
       and (cardinality(u.labels) = 0 or c.labels && u.labels)) as there`;

export async function isSomebodyElse({ pool }: Database, credentialId: string, id: string | null) {
  const { rows } = await pool.query<{ there: boolean }>(OTHERS, [credentialId, id]);
  return rows[0]?.there === true;
}

/** Nobody else could confirm it, and this is an admin who is a person: they break the glass alone. */
export async function isAlone(actor: Actor, credentialId: string): Promise<boolean> {
  return (
    actor.kind === 'user' && actor.role === 'admin' && !(await isSomebodyElse(db(), credentialId, actor.id))
  );
}
