import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { DEFAULT_GRACE_SECONDS, graceSeconds } from '#core/rotation/grace.ts';
import { insertRotation } from '#core/rotation/insert-rotation.ts';
import { makePlan } from '#core/rotation/plan.ts';
import { newId } from '#lib/new-id.ts';
import { Problem } from '#lib/problem.ts';
import { ring } from '#lib/queue.ts';

const input = z.object({
  credentialId: z.uuid(),
  graceSeconds: graceSeconds.default(DEFAULT_GRACE_SECONDS),
  reason: z.string().trim().max(500).optional(),
});

/**
 * Starts a rotation. The same request while one is open answers the open one (`existing`); a different one is
 * refused and names it. The rotation and its event are stored before anything rings or happens.
 */
export const requestRotation = useCase(
  { name: 'request-rotation', may: ['operator', 'admin'], stepUp: false, scope: 'credential', input },
  async ({ actor, db }, wish) => {
    const plan = await makePlan(db, { ...wish, requester: actor.name });
    const id = newId();
    const rotation = { id, plan, actor: auditActor(actor), priority: 'manual' as const };
    const stored = await db.prisma.$transaction((tx) =>
      insertRotation(tx, { ...rotation, reason: wish.reason }),
    );
    if (stored) {
      // The rotation is safe in the ledger; a lost ring only costs the sweep's half second.
      await ring({ rotationId: id, fence: '0' }).catch(() => {});
      return { rotationId: id, existing: false };
    }
    const open = await db.prisma.rotation.findFirst({
      where: { credentialId: plan.credentialId, outcome: null },
    });
    if (open === null) {
      throw new Problem(
        409,
        'just_ended',
        'Another rotation has just ended. Look at its result, then try again.',
      );
    }
    if (open.graceSeconds !== plan.graceSeconds || open.strategy !== plan.strategy) {
      throw new Problem(
        409,
        'rotation_open',
        `${plan.credential} is already being rotated, with other settings. Wait for that rotation to end; nothing was changed.`,
        { rotationId: open.id },
      );
    }
    return { rotationId: open.id, existing: true };
  },
);
