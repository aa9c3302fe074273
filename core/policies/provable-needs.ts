import { type Level, levels, reaches, whyNotProvable } from '#core/outside/levels.ts';
import { openTarget } from '#core/outside/open-connector.ts';
import type { Db } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';

/**
 * Refuses, with a `Problem`, a level that a required delivery of these credentials could never be shown to reach: each of
 * their rotations would be held. What a binding needs by itself was asked when it was made.
 */
export async function requireNeedsProvable(
  tx: Db,
  needs: Level | null,
  of: { id: string } | { assignment: { policyId: string } },
): Promise<void> {
  const below = needs === null ? [] : levels.filter((level) => !reaches(level, needs));
  if (needs === null || below.length === 0) {
    return;
  }
  const bindings = await tx.binding.findMany({
    where: {
      archivedAt: null,
      required: true,
      needs: { in: below },
      credential: { archivedAt: null, ...of },
    },
    include: { target: true, credential: { select: { name: true } } },
    orderBy: { id: 'asc' },
  });
  for (const { id, place, sealed, consumerUrl, target, credential } of bindings) {
    const opened = openTarget(target, { table: 'bindings', id, place, sealed });
    const why = whyNotProvable(needs, opened, consumerUrl);
    if (why !== null) {
      const sentence = `The required delivery of ${credential.name} to ${target.name} could never be confirmed so far. ${why}`;
      throw new Problem(422, 'level_not_provable', `${sentence} Nothing was saved.`, {}, { needs: sentence });
    }
  }
}
