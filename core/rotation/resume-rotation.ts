import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { notFound, Problem } from '#lib/problem.ts';
import { ring } from '#lib/queue.ts';

/** Lets a held rotation go on from the step it stands at, with its attempts counted anew. */
export const resumeRotation = useCase(
  {
    name: 'resume-rotation',
    may: ['operator', 'admin'],
    stepUp: false,
    scope: 'credential',
    input: z.object({ rotationId: z.uuid() }),
  },
  async ({ actor, db }, { rotationId }) => {
    const fence = await db.prisma.$transaction(async (tx) => {
      const rotation = await tx.rotation.findUnique({
        where: { id: rotationId },
        include: { credential: true },
      });
      if (rotation === null) {
        throw notFound('rotation');
      }
      const resumed = await tx.$executeRaw`
        update rotations set hold = null, hold_detail = null, next_attempt_at = rekey_now(), phase_at = rekey_now()
         where id = ${rotationId}::uuid and hold is not null and outcome is null`;
      if (resumed === 0) {
        throw new Problem(409, 'not_held', 'This rotation is not held, so there is nothing to resume.');
      }
      await record(tx, {
        action: 'rotation.resumed',
        actor: auditActor(actor),
        credentialId: rotation.credentialId,
        credential: rotation.credential.name,
        rotationId,
      });
      return String(rotation.fence);
    });
    await ring({ rotationId, fence }).catch(() => {});
  },
);
