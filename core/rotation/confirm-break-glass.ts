import { z } from 'zod';
import { useCase } from '#core/access/use-case.ts';
import { confirmRefusal, lockAsked } from '#core/rotation/asked-glass.ts';
import { commitGlass } from '#core/rotation/commit-glass.ts';
import { requireUnpaused } from '#core/rotation/require-unpaused.ts';
import type { Db } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';

const input = z.object({
  rotationId: z.uuid(),
  /** Which request was read: another one may have another reason. */
  askId: z.uuid(),
});

/** A second person's yes: the old secret is revoked now, whatever the targets hold. Whoever asked cannot give it. */
export const confirmBreakGlass = useCase(
  { name: 'confirm-break-glass', may: ['approver', 'admin'], stepUp: true, scope: 'credential', input },
  async ({ actor, db }, { rotationId, askId }) => {
    const require = async (tx: Db) => {
      const asked = await lockAsked(tx, askId, rotationId);
      const why = confirmRefusal(asked.askedBy, actor);
      if (why !== null) {
        throw new Problem(409, 'not_now', `${why} Nothing was changed.`);
      }
      return asked;
    };
    // Asked before the rotation is taken from its worker, and again in the commit.
    const { requestedBy, reason, credentialId } = await db.prisma.$transaction(require);
    await requireUnpaused(credentialId);
    const alongside = async (tx: Db) => {
      await require(tx);
      await tx.$executeRaw`
        update glass_breaks set state = 'broken', decided_by = ${actor.name}, decided_at = rekey_now()
         where id = ${askId}::uuid`;
    };
    await commitGlass({
      actor,
      rotationId,
      reason,
      alone: false,
      alongside,
      events: (about) => [{ action: 'break_glass.confirmed', ...about, requestedBy: requestedBy.name }],
    });
  },
);
