import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({ credentialId: z.uuid() });

/** Lets the rotations of this credential go on where they stopped. Slots that passed meanwhile were skipped. */
export const unpauseCredential = useCase(
  { name: 'unpause-credential', may: ['operator', 'admin'], stepUp: false, scope: 'credential', input },
  async ({ actor, db }, { credentialId: id }) => {
    const data = { pausedAt: null };
    await db.prisma.$transaction(async (tx) => {
      const row = await tx.credential.findUnique({ where: { id, archivedAt: null } });
      if (row === null) {
        throw notFound('credential');
      }
      const { count } = await tx.credential.updateMany({ where: { id, pausedAt: { not: null } }, data });
      if (count === 0) {
        throw new Problem(409, 'not_paused', `${row.name} is not paused. Nothing was changed.`);
      }
      await record(tx, {
        action: 'credential.unpaused',
        credentialId: id,
        credential: row.name,
        actor: auditActor(actor),
      });
    });
  },
);
