import type { Db } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';

/**
 * Keeps others from naming credentials until the transaction ends. Throws a `Problem` 409, on the field, where a credential
 * that is not archived has the name. `state` says what becomes of what was asked for.
 */
export async function requireFreeName(tx: Db, name: string, state: string): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('names of credentials', 0))`;
  if ((await tx.credential.count({ where: { name, archivedAt: null } })) > 0) {
    const sentence = `There is already a credential called ${name}.`;
    throw new Problem(409, 'name_taken', `${sentence} ${state}`, {}, { name: sentence });
  }
}
