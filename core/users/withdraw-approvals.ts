import type { AuditActor } from '#core/audit/events.ts';
import { record } from '#core/audit/record.ts';
import type { Db } from '#lib/db.ts';

interface Withdrawn {
  rotation_id: string;
  credential_id: string;
  credential: string;
  of: string;
}

/**
 * Takes back what somebody approved who may approve no longer, wherever more approvals are waited for: the account may have been
 * somebody else's by then. What has its last approval goes on.
 */
export async function withdrawApprovals(tx: Db, userId: string, actor: AuditActor): Promise<void> {
  const withdrawn = await tx.$queryRaw<Withdrawn[]>`
    delete from approvals a using rotations r join credentials c on c.id = r.credential_id
     where a.user_id = ${userId}::uuid and r.id = a.rotation_id and r.outcome is null and r.hold = 'approval_pending'
    returning r.id as rotation_id, c.id as credential_id, c.name as credential, a.name as of`;
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
