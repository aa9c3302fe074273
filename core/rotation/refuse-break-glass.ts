import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { reason } from '#core/access/reason.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { confirmRefusal, lockAsked } from '#core/rotation/asked-glass.ts';
import { Problem } from '#lib/problem.ts';

const input = z.object({ rotationId: z.uuid(), askId: z.uuid(), reason });

/** A second person's no, or whoever asked takes it back. The rotation goes on as if nobody had asked. */
export const refuseBreakGlass = useCase(
  {
    name: 'refuse-break-glass',
    may: ['operator', 'approver', 'admin'],
    stepUp: false,
    scope: 'credential',
    input,
  },
  async ({ actor, db }, { rotationId, askId, reason: why }) => {
    await db.prisma.$transaction(async (tx) => {
      const { requestedBy, askedBy, credentialId, credential } = await lockAsked(tx, askId, rotationId);
      const isOwn = actor.id !== null && askedBy.all.includes(actor.id);
      const mayDecide = actor.kind !== 'system' && actor.role !== 'operator';
      const refusal = mayDecide
        ? confirmRefusal(askedBy, actor)
        : 'It takes the role approver or admin to refuse what somebody else asked for.';
      if (!isOwn && refusal !== null) {
        throw new Problem(409, 'not_now', `${refusal} Nothing was changed.`);
      }
      await tx.$executeRaw`
        update glass_breaks
           set state = 'refused', decided_by = ${actor.name}, decided_at = rekey_now(), refused_because = ${why}
         where id = ${askId}::uuid`;
      await record(tx, {
        action: 'break_glass.refused',
        actor: auditActor(actor),
        rotationId,
        credentialId,
        credential,
        requestedBy: requestedBy.name,
        reason: why,
      });
    });
  },
);
