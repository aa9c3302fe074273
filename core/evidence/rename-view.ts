import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { requireFreeViewName, viewName, viewToChange } from '#core/evidence/view.ts';

/** Gives a saved view another name. */
export const renameView = useCase(
  {
    name: 'rename-view',
    may: ['auditor', 'operator', 'approver', 'admin'],
    stepUp: false,
    scope: 'everything',
    input: z.object({ id: z.uuid(), name: viewName }),
  },
  async ({ actor, db }, { id, name }) => {
    await db.prisma.$transaction(async (tx) => {
      const { list, name: from } = await viewToChange(tx, actor, id);
      if (from === name) {
        return;
      }
      await requireFreeViewName(tx, list, name, id);
      await tx.savedView.update({ where: { id }, data: { name } });
      await record(tx, { action: 'view.renamed', actor: auditActor(actor), id, list, name, from });
    });
  },
);
