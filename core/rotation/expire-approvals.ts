import { record } from '#core/audit/record.ts';
import { db } from '#lib/db.ts';

const actor = { kind: 'system', id: null, name: 'worker' } as const;

interface Expired {
  id: string;
  credential_id: string;
  name: string;
}

/** Cancels rotations that nobody approved in time. Nothing was changed by them. */
export async function expireApprovals(): Promise<void> {
  await db().prisma.$transaction(async (tx) => {
    const expired = await tx.$queryRaw<Expired[]>`
      update rotations r set outcome = 'cancelled', hold = null, hold_detail = null, ended_at = rekey_now()
        from credentials c
       where c.id = r.credential_id and r.outcome is null and r.hold = 'approval_pending'
         and r.deadline <= rekey_now()
      returning r.id, r.credential_id, c.name`;
    for (const { id, credential_id: credentialId, name: credential } of expired) {
      const reason = 'Nobody approved it in time.';
      await record(tx, {
        action: 'rotation.cancelled',
        actor,
        rotationId: id,
        credentialId,
        credential,
        reason,
      });
    }
  });
}
