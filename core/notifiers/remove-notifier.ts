import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { notFound } from '#lib/problem.ts';

const input = z.object({ notifierId: z.uuid() });

/** Takes a notifier away, with what it has not sent yet. */
export const removeNotifier = useCase(
  { name: 'remove-notifier', may: ['admin'], stepUp: false, scope: 'everything', input },
  async ({ actor, db }, { notifierId: id }) => {
    await db.prisma.$transaction(async (tx) => {
      const row = await tx.notifier.findUnique({ where: { id } });
      if (row === null) {
        throw notFound('notifier');
      }
      await tx.notifier.delete({ where: { id } });
      const { name, kind } = row;
      await record(tx, { action: 'notifier.removed', actor: auditActor(actor), id, name, kind });
    });
  },
);
