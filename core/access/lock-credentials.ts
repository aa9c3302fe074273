import type { Db } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';

/**
 * Keeps rotations of these credentials from beginning until the transaction ends; one that is asked for meanwhile waits. Waits for nobody
 * itself, because whoever starts a batch locks many, in an order of its own: throws a `Problem` 409 where somebody is at work on one.
 */
export async function lockCredentials(tx: Db, ids: readonly string[], at: string): Promise<void> {
  const locked = await tx.$queryRaw<unknown[]>`
    select 1 from credentials where id = any(${ids}::uuid[]) for update skip locked`;
  if (locked.length < ids.length) {
    throw new Problem(
      409,
      'at_work',
      `Somebody is at work on a credential at ${at} at this moment, or its rotation begins. Nothing was changed; do it again in a few seconds.`,
    );
  }
}
