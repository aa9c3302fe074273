import { db } from '#lib/db.ts';

/** How many versions back a target's value is looked for. */
const BACK = 5;

/**
 * The last versions of a credential, the newest first, and the current one among them however many were discarded since; `current` is
 * null where none is.
 */
export async function recentVersions(credentialId: string) {
  const newest = await db().prisma.secretVersion.findMany({
    where: { credentialId },
    orderBy: { n: 'desc' },
    take: BACK,
  });
  const current = await db().prisma.secretVersion.findFirst({ where: { credentialId, state: 'current' } });
  const isFurtherBack = current !== null && newest.every(({ id }) => id !== current.id);
  return { versions: isFurtherBack ? [...newest, current] : newest, current };
}
