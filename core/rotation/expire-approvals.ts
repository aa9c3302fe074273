import { record } from '#core/audit/record.ts';
import type { SkipReason } from '#core/rotation/holds.ts';
import { db } from '#lib/db.ts';

const actor = { kind: 'system', id: null, name: 'worker' } as const;

interface Expired {
  id: string;
  credential_id: string;
  name: string;
  slot: Date | null;
}

/**
 * Cancels rotations that nobody approved in time. Nothing was changed by them. A slot of a policy is used up by that, so it is a
 * skip with its reason: the next slot asks again, because a plan that people left alone for days is not pressed on them at once.
 */
export async function expireApprovals(): Promise<void> {
  await db().prisma.$transaction(async (tx) => {
    const expired = await tx.$queryRaw<Expired[]>`
      update rotations r set outcome = 'cancelled', hold = null, hold_detail = null, ended_at = rekey_now()
        from credentials c
       where c.id = r.credential_id and r.outcome is null and r.hold = 'approval_pending'
         and r.deadline <= rekey_now()
      returning r.id, r.credential_id, c.name, r.slot`;
    for (const { id, credential_id: credentialId, name: credential, slot } of expired) {
      if (slot !== null) {
        const skip = { credentialId, slot, reason: 'not_approved' satisfies SkipReason };
        await tx.skip.createMany({ data: skip, skipDuplicates: true });
      }
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
