import type { Db } from '#lib/db.ts';
import { notFound, Problem } from '#lib/problem.ts';

interface Open {
  id: string;
  direction: string;
  hold: string | null;
  from_version: string | null;
}

const readOpen = (tx: Db, credentialId: string) => tx.$queryRaw<Open[]>`
  select id, direction, hold, from_version from rotations
   where credential_id = ${credentialId}::uuid and outcome is null`;

/**
 * Whether a rotation gives the secret to a binding that comes now, or has nothing to give it any more. A worker knows the bindings that
 * there were when it took the rotation; what waits for approvals was taken by nobody, and with another binding it is another plan.
 */
const goesWithMore = ({ direction, hold, from_version: from }: Open, current: string) =>
  hold === 'approval_pending' || (direction === 'forward' && from !== current);

interface Binding {
  credentialId: string;
  /** The version that the target is given. */
  versionId: string;
  target: string;
}

/**
 * Keeps the credential and its open rotation as they are until the transaction ends, for a binding that begins with this version. Throws
 * a `Problem`: 404 where the credential was archived, 409 where another version is in use by now, or a rotation under way would pass the
 * binding over and then retire what it holds.
 */
export async function requireBindable(tx: Db, { credentialId, versionId, target }: Binding): Promise<void> {
  // The rotation before its credential, in the order in which a worker's commit takes them.
  const [locked] = await tx.$queryRaw<{ id: string }[]>`
    select id from rotations where credential_id = ${credentialId}::uuid and outcome is null for no key update`;
  const [credential] = await tx.$queryRaw<{ name: string }[]>`
    select name from credentials where id = ${credentialId}::uuid and archived_at is null for update`;
  if (credential === undefined) {
    throw notFound('credential');
  }
  const [open] = await readOpen(tx, credentialId);
  const current = await tx.secretVersion.findFirst({ where: { credentialId, state: 'current' } });
  if (current?.id !== versionId) {
    const sentence = `${credential.name} has been given another version, and ${target} may hold the one before it.`;
    throw new Problem(409, 'moved_on', `${sentence} Nothing was saved; bind it again.`);
  }
  // One that has begun since the first look is locked by nobody.
  if (open !== undefined && (open.id !== locked?.id || !goesWithMore(open, current.id))) {
    const sentence = `${credential.name} is being rotated, and ${target} is not part of its plan.`;
    throw new Problem(
      409,
      'rotation_open',
      `${sentence} Nothing was saved. Bind it once the new version is in use, or that rotation has ended.`,
      { rotationId: open.id },
    );
  }
}
