import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { viewToChange } from '#core/evidence/view.ts';

/** Removes a saved view. What it asked for stays in the audit log. */
export const removeView = useCase(
  {
    name: 'remove-view',
    may: ['auditor', 'operator', 'approver', 'admin'],
    stepUp: false,
    scope: 'everything',
    input: z.object({ id: z.uuid() }),
  },
  async ({ actor, db }, { id }) => {
    await db.prisma.$transaction(async (tx) => {
      const { list, name, query } = await viewToChange(tx, actor, id);
      await tx.savedView.delete({ where: { id } });
      await record(tx, { action: 'view.removed', actor: auditActor(actor), id, list, name, query });
    });
  },
);
