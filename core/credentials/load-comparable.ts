import { z } from 'zod';
import { db } from '#lib/db.ts';

const keys = z.record(z.string(), z.string());

/** How many versions back a target's value is looked for. */
const VERSIONS = 5;

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
      versions: { orderBy: { n: 'desc' }, take: VERSIONS },
    },
  });
  const current = credential?.versions.find(({ state }) => state === 'current');
  if (credential === null || current === undefined) {
    return null;
  }
  const bindings = credential.bindings.map((binding) => ({ ...binding, fields: keys.parse(binding.fields) }));
  return { ...credential, bindings, current };
}

export type Comparable = NonNullable<Awaited<ReturnType<typeof loadComparable>>>;
