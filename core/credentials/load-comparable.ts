import { z } from 'zod';
import { recentVersions } from '#core/vault/recent-versions.ts';
import { db } from '#lib/db.ts';

const keys = z.record(z.string(), z.string());

/** A credential that no rotation is changing, with all that is compared with the outside; null when it is not one. */
export async function loadComparable(id: string) {
  const credential = await db().prisma.credential.findFirst({
    where: { id, archivedAt: null, pausedAt: null, rotations: { none: { outcome: null } } },
    include: {
      issuer: true,
      bindings: {
        where: { archivedAt: null },
        include: {
          target: true,
          deliveries: { where: { slot: 'next' }, take: 1, select: { versionId: true } },
        },
      },
    },
  });
  const { versions, current } = await recentVersions(id);
  if (credential === null || current === null) {
    return null;
  }
  const bindings = credential.bindings.map((binding) => ({ ...binding, fields: keys.parse(binding.fields) }));
  return { ...credential, versions, bindings, current };
}

export type Comparable = NonNullable<Awaited<ReturnType<typeof loadComparable>>>;
