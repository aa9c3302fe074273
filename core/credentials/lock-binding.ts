import type { Db } from '#lib/db.ts';
import { notFound, Problem } from '#lib/problem.ts';

/** What belongs to a binding and is asked about before it changes. */
export const bindingParts = {
  target: true,
  credential: { include: { assignment: { include: { policy: true } } } },
} as const;

/** Reads a binding that is in use. Throws a `Problem` 404 where there is none. */
export async function readBound(tx: Db, id: string) {
  const row = await tx.binding.findUnique({
    where: { id, archivedAt: null, credential: { archivedAt: null } },
    include: bindingParts,
  });
  if (row === null) {
    throw notFound('binding');
  }
  return row;
}

/** A binding with its target and its credential. */
export type LockedBinding = Awaited<ReturnType<typeof readBound>>;

/**
 * Reads a binding and keeps rotations of its credential from beginning until the transaction ends. Throws a `Problem` 409 where one is
 * open: what it does was told to those who asked for it and those who approved it.
 */
export async function lockBinding(tx: Db, id: string): Promise<LockedBinding> {
  // A statement of its own: what follows sees what was stored by whoever the lock had to wait for.
  await tx.$queryRaw`
    select 1 from credentials where id = (select credential_id from bindings where id = ${id}::uuid) for update`;
  const row = await readBound(tx, id);
  const { credentialId, credential, target } = row;
  const open = await tx.rotation.findFirst({ where: { credentialId, outcome: null } });
  if (open !== null) {
    const sentence = `${credential.name} is being rotated, and ${target.name} is part of its plan.`;
    throw new Problem(
      409,
      'rotation_open',
      `${sentence} Nothing was changed. Do it again once that rotation has ended.`,
      { rotationId: open.id },
    );
  }
  return row;
}
