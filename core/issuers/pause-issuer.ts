import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { reason } from '#core/access/reason.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { databaseTime } from '#lib/clock.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({ issuerId: z.uuid(), reason });

/**
 * Lets no rotation of the issuer’s credentials start or go on. One that stands in a gap goes on until no consumer
 * lacks a secret that works.
 */
export const pauseIssuer = useCase(
  { name: 'pause-issuer', may: ['operator', 'admin'], stepUp: false, scope: 'everything', input },
  async ({ actor, db }, { issuerId: id, reason: why }) => {
    const data = { pausedAt: await databaseTime() };
    await db.prisma.$transaction(async (tx) => {
      const row = await tx.issuer.findUnique({ where: { id, archivedAt: null } });
      if (row === null) {
        throw notFound('issuer');
      }
      const { count } = await tx.issuer.updateMany({ where: { id, archivedAt: null, pausedAt: null }, data });
      if (count === 0) {
        throw new Problem(409, 'already_paused', `${row.name} is paused already. Nothing was changed.`);
      }
      await record(tx, {
        action: 'issuer.paused',
        id,
        name: row.name,
        actor: auditActor(actor),
        reason: why,
      });
    });
  },
);
