import type { Db } from '#lib/db.ts';

/** Ends all sessions of a user at once, on every server, but for the one named. Answers how many ended. */
export function endSessions(tx: Db, userId: string, butFor: string | null = null): Promise<number> {
  return tx.$executeRaw`
    update sessions set revoked_at = rekey_now()
     where user_id = ${userId}::uuid and revoked_at is null and id is distinct from ${butFor}::uuid`;
}
