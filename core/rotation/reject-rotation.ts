import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { reason } from '#core/access/reason.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { decideRefusal, lockPending } from '#core/rotation/approvals.ts';
import { Problem } from '#lib/problem.ts';

/** One person's no, also of somebody who has approved: the rotation is cancelled before anything was changed. */
export const rejectRotation = useCase(
  {
    name: 'reject-rotation',
    may: ['approver', 'admin'],
    stepUp: false,
    scope: 'credential',
    input: z.object({ rotationId: z.uuid(), reason }),
  },
  async ({ actor, db }, { rotationId, reason: why }) => {
    await db.prisma.$transaction(async (tx) => {
      const pending = await lockPending(tx, rotationId);
      const refusal = decideRefusal(pending, actor);
      if (refusal !== null) {
        throw new Problem(409, 'not_now', `${refusal} Nothing was changed.`);
      }
      await tx.$executeRaw`
        update rotations set outcome = 'cancelled', hold = null, hold_detail = null, ended_at = rekey_now()
         where id = ${rotationId}::uuid`;
      const { credentialId, credential } = pending;
      await record(tx, {
        action: 'rotation.rejected',
        actor: auditActor(actor),
        rotationId,
        credentialId,
        credential,
        reason: why,
      });
    });
  },
);
