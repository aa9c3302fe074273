import type { AuditActor } from '#core/audit/events.ts';
import { record } from '#core/audit/record.ts';
import { endSessions } from '#core/users/end-sessions.ts';
import { voidLinks } from '#core/users/one-time-link.ts';
import type { Db } from '#lib/db.ts';

/**
 * Makes an identity that nobody has that of the user with its e-mail, where an admin has allowed one; answers their id, or null. It is the only
 * way in from then on: identities, password and link of before are gone, and all sessions end. Of two that come at once one gets it.
 */
export async function takeAllowedIdentity(
  tx: Db,
  { issuer, sub, email }: { issuer: string; sub: string; email: string },
  actor: AuditActor,
): Promise<string | null> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    update users set identity_allowed_until = null, password_hash = null
     where email = ${email} and identity_allowed_until > rekey_now() returning id`;
  const userId = rows[0]?.id;
  if (userId === undefined) {
    return null;
  }
  await tx.identity.deleteMany({ where: { userId } });
  await tx.identity.create({ data: { issuer, sub, userId } });
  await voidLinks(tx, userId);
  await endSessions(tx, userId);
  await record(tx, { action: 'user.identity_replaced', actor, email, issuer });
  return userId;
}
