import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { requireFreeViewName, viewName, viewToChange } from '#core/evidence/view.ts';
import { Problem } from '#lib/problem.ts';

const changedMeanwhile = (name: string) =>
  new Problem(
    412,
    'changed_meanwhile',
    `The view ${name} has been renamed or removed since you read it. Nothing was changed; read it again, then decide.`,
  );

/** Gives a saved view another name. */
export const renameView = useCase(
  {
    name: 'rename-view',
    may: ['auditor', 'operator', 'approver', 'admin'],
    stepUp: false,
    scope: 'everything',
    input: z.object({
      id: z.uuid(),
      name: viewName,
      /** The name that the change was made on the ground of; another one refuses it. */
      from: z.string().optional(),
    }),
  },
  async ({ actor, db }, { id, name, from: known }) => {
    await db.prisma.$transaction(async (tx) => {
      const { list, name: from } = await viewToChange(tx, actor, id);
      if (from === name && (known ?? from) === from) {
        return;
      }
      await requireFreeViewName(tx, list, name, id);
      const on = { id, ...(known === undefined ? {} : { name: known }) };
      if ((await tx.savedView.updateMany({ where: on, data: { name } })).count === 0) {
        throw changedMeanwhile(known ?? from);
      }
      await record(tx, { action: 'view.renamed', actor: auditActor(actor), id, list, name, from });
    });
  },
);
