import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { reason } from '#core/access/reason.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { notFound, Problem } from '#lib/problem.ts';

/**
 * Stops a rotation where it is. A worker that is in the middle of a step finishes that step and stores its result; it
 * begins no other.
 */
export const holdRotation = useCase(
  {
    name: 'hold-rotation',
    may: ['operator', 'admin'],
    stepUp: false,
    scope: 'credential',
    input: z.object({ rotationId: z.uuid(), reason: reason.optional() }),
  },
  async ({ actor, db }, { rotationId, reason }) => {
    await db.prisma.$transaction(async (tx) => {
      const rotation = await tx.rotation.findUnique({
        where: { id: rotationId },
        include: { credential: true },
      });
      if (rotation === null) {
        throw notFound('rotation');
      }
      const held = await tx.$executeRaw`
        update rotations set hold = 'manual_hold', hold_detail = ${reason ?? null}
         where id = ${rotationId}::uuid and hold is null and outcome is null`;
      if (held === 0) {
        throw new Problem(409, 'not_now', 'The rotation has ended or is held already. Nothing was changed.');
      }
      await record(tx, {
        action: 'rotation.held',
        actor: auditActor(actor),
        credentialId: rotation.credentialId,
        credential: rotation.credential.name,
        rotationId,
        hold: 'manual_hold',
        ...(reason === undefined ? {} : { reason }),
      });
    });
  },
);
