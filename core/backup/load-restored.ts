import { z } from 'zod';
import { recentVersions } from '#core/vault/recent-versions.ts';
import { db } from '#lib/db.ts';

const keys = z.record(z.string(), z.string());

/** A credential as the restored database has it, with all that is compared with the outside; null where it is gone. */
export async function loadRestored(id: string) {
  const credential = await db().prisma.credential.findFirst({
    where: { id, archivedAt: null },
    include: {
      issuer: true,
      bindings: { where: { archivedAt: null }, include: { target: true }, orderBy: { createdAt: 'asc' } },
      rotations: { where: { outcome: null }, select: { id: true, phase: true, hold: true } },
    },
  });
  if (credential === null) {
    return null;
  }
  const bindings = credential.bindings.map((binding) => ({ ...binding, fields: keys.parse(binding.fields) }));
  return { ...credential, bindings, ...(await recentVersions(id)) };
}

export type Restored = NonNullable<Awaited<ReturnType<typeof loadRestored>>>;
export type RestoredVersion = Restored['versions'][number];
export type RestoredBinding = Restored['bindings'][number];
