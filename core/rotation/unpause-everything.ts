import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { Problem } from '#lib/problem.ts';

/** Lets everything go on that is not paused by itself. A restored database goes on in another way: core/backup/resume-restored.ts. */
export const unpauseEverything = useCase(
  { name: 'unpause-everything', may: ['admin'], stepUp: false, scope: 'everything', input: z.object({}) },
  async ({ actor, db }) => {
    await db.prisma.$transaction(async (tx) => {
      const { count } = await tx.standstill.deleteMany({ where: { id: 1 } });
      if (count === 0) {
        if ((await tx.standstill.count()) > 0) {
          throw new Problem(
            409,
            'restored',
            'This database was restored, and nothing runs before it was compared with issuers and targets: run "rekey resume --after-restore" on the server. Nothing was changed.',
          );
        }
        throw new Problem(409, 'not_paused', 'Nothing was paused as a whole. Nothing was changed.');
      }
      await record(tx, { action: 'everything.unpaused', actor: auditActor(actor) });
    });
  },
);
