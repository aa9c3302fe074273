import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { reason } from '#core/access/reason.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { databaseTime } from '#lib/clock.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({ credentialId: z.uuid(), reason });

/**
 * Lets no rotation of this credential start or go on. One that stands in a gap goes on until no consumer
 * lacks a secret that works.
 */
export const pauseCredential = useCase(
  { name: 'pause-credential', may: ['operator', 'admin'], stepUp: false, scope: 'credential', input },
  async ({ actor, db }, { credentialId: id, reason: why }) => {
    const data = { pausedAt: await databaseTime() };
    await db.prisma.$transaction(async (tx) => {
      const row = await tx.credential.findUnique({ where: { id, archivedAt: null } });
      if (row === null) {
        throw notFound('credential');
      }
      const { count } = await tx.credential.updateMany({ where: { id, pausedAt: null }, data });
      if (count === 0) {
        throw new Problem(409, 'already_paused', `${row.name} is paused already. Nothing was changed.`);
      }
      await record(tx, {
        action: 'credential.paused',
        credentialId: id,
        credential: row.name,
        actor: auditActor(actor),
        reason: why,
      });
    });
  },
);
