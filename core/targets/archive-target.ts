import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { refuseInUse } from '#core/access/in-use.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { notFound } from '#lib/problem.ts';

const input = z.object({ targetId: z.uuid() });

/**
 * Takes a target that nothing is bound to away for good: nothing asks it any more, the secrets in its config are erased here, and its
 * name is free. What was delivered stays there. Refused with a `Problem` 409 that names some of what is bound to it.
 */
export const archiveTarget = useCase(
  { name: 'archive-target', may: ['admin'], stepUp: false, scope: 'everything', input },
  async ({ actor, db }, { targetId: id }) => {
    await db.prisma.$transaction(async (tx) => {
      // Nothing is bound to it meanwhile.
      await tx.$queryRaw`select 1 from targets where id = ${id}::uuid for update`;
      const row = await tx.target.findUnique({ where: { id, archivedAt: null } });
      if (row === null) {
        throw notFound('target');
      }
      const { name, kind } = row;
      const credentials = await tx.credential.findMany({
        where: { bindings: { some: { targetId: id, archivedAt: null } } },
        select: { name: true },
        orderBy: { name: 'asc' },
      });
      refuseInUse(
        credentials.map((one) => one.name),
        (names) =>
          `${name} is given the secrets of ${names}. Nothing was changed. Unbind them from it first.`,
      );
      await tx.$executeRaw`
        update targets
           set archived_at = rekey_now(), sealed = null, health = 'unknown', paused_at = null
         where id = ${id}::uuid`;
      await record(tx, { action: 'target.archived', actor: auditActor(actor), id, name, kind });
    });
  },
);
