import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({ issuerId: z.uuid() });

/** Lets the rotations of the issuer’s credentials go on where they stopped. Slots that passed meanwhile were skipped. */
export const unpauseIssuer = useCase(
  { name: 'unpause-issuer', may: ['operator', 'admin'], stepUp: false, scope: 'everything', input },
  async ({ actor, db }, { issuerId: id }) => {
    const data = { pausedAt: null };
    await db.prisma.$transaction(async (tx) => {
      const row = await tx.issuer.findUnique({ where: { id, archivedAt: null } });
      if (row === null) {
        throw notFound('issuer');
      }
      const { count } = await tx.issuer.updateMany({
        where: { id, archivedAt: null, pausedAt: { not: null } },
        data,
      });
      if (count === 0) {
        throw new Problem(409, 'not_paused', `${row.name} is not paused. Nothing was changed.`);
      }
      await record(tx, { action: 'issuer.unpaused', id, name: row.name, actor: auditActor(actor) });
    });
  },
);
