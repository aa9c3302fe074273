import type { Scope } from '#core/access/actor.ts';
import type { AuditActor } from '#core/audit/events.ts';
import { record } from '#core/audit/record.ts';
import type { Db } from '#lib/db.ts';

interface Withdrawn {
  rotation_id: string;
  credential_id: string;
  credential: string;
  of: string;
}

async function tell(tx: Db, actor: AuditActor, withdrawn: readonly Withdrawn[]): Promise<void> {
  for (const { rotation_id: rotationId, credential_id: credentialId, credential, of } of withdrawn) {
    await record(tx, {
      action: 'rotation.approval_withdrawn',
      actor,
      rotationId,
      credentialId,
      credential,
      of,
    });
  }
}

/**
 * Takes back what somebody approved who may approve no longer, wherever more approvals are waited for: the account may have been
 * somebody else's by then. What has its last approval goes on. With `butWithin`, what lies within those limits stays approved.
 */
export async function withdrawApprovals(
  tx: Db,
  userId: string,
  actor: AuditActor,
  butWithin?: Scope,
): Promise<void> {
  // An approval that they are giving at this moment is stored first.
  await tx.$queryRaw`select 1 from users where id = ${userId}::uuid for no key update`;
  // Whoever gives the last approval has counted this one under the lock of the rotation, which then goes on: what is taken back is
  // read after that.
  await tx.$queryRaw`
    select 1 from rotations r join approvals a on a.rotation_id = r.id
     where a.user_id = ${userId}::uuid and r.outcome is null and r.hold = 'approval_pending'
     order by r.id for update of r`;
  const { environments, labels } = butWithin ?? { environments: [], labels: [] };
  const withdrawn = await tx.$queryRaw<Withdrawn[]>`
    delete from approvals a using rotations r join credentials c on c.id = r.credential_id
     where a.user_id = ${userId}::uuid and r.id = a.rotation_id and r.outcome is null and r.hold = 'approval_pending'
       and (${butWithin === undefined}
            or not (cardinality(${environments}::text[]) = 0 or c.environment = any(${environments}::text[]))
            or not (cardinality(${labels}::text[]) = 0 or c.labels && ${labels}::text[]))
    returning r.id as rotation_id, c.id as credential_id, c.name as credential, a.name as of`;
  await tell(tx, actor, withdrawn);
}

/**
 * Takes back what was approved for a credential by those whose limits it has left. Comes after the change that moved it, in the same
 * transaction; what has its last approval goes on.
 */
export async function withdrawOutOfLimits(tx: Db, credentialId: string, actor: AuditActor): Promise<void> {
  // Limits that change at this moment, and an approval that is being given, hold this lock too, and are seen after it.
  await tx.$queryRaw`
    select 1 from rotations r
     where r.credential_id = ${credentialId}::uuid and r.outcome is null and r.hold = 'approval_pending' for update`;
  const withdrawn = await tx.$queryRaw<Withdrawn[]>`
    delete from approvals a using users u, rotations r join credentials c on c.id = r.credential_id
     where c.id = ${credentialId}::uuid and r.id = a.rotation_id and u.id = a.user_id
       and r.outcome is null and r.hold = 'approval_pending'
       and not ((cardinality(u.environments) = 0 or c.environment = any(u.environments))
                and (cardinality(u.labels) = 0 or c.labels && u.labels))
    returning r.id as rotation_id, c.id as credential_id, c.name as credential, a.name as of`;
  await tell(tx, actor, withdrawn);
}
