import { createHash, randomBytes } from 'node:crypto';
import type { Db } from '#lib/db.ts';

/** As the token of a link is stored. */
export const hashOfToken = (token: string) => createHash('sha256').update(token).digest('hex');

/** Makes whatever link a user has to choose a password with void. */
export async function voidLinks(tx: Db, userId: string): Promise<void> {
  await tx.$executeRaw`
    update sign_in_links set used_at = rekey_now() where user_id = ${userId}::uuid and used_at is null`;
}

/**
 * Makes a link with which a user chooses a password, once, within 24 hours; the one before is void. Answers its token, which is stored as
 * a hash only. The caller has locked the user, so that of two made at the same moment one is left.
 */
export async function makeLink(tx: Db, userId: string): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await voidLinks(tx, userId);
  await tx.$executeRaw`
    insert into sign_in_links (id, user_id, token_hash, expires_at)
    values (gen_random_uuid(), ${userId}::uuid, ${hashOfToken(token)}, rekey_now() + interval '24 hours')`;
  return token;
}
