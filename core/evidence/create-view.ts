import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { questionOf } from '#core/evidence/filter.ts';
import { formatQuery } from '#core/evidence/query.ts';
import { requireFreeViewName, viewName } from '#core/evidence/view.ts';

/** Gives a question to the audit log a name, for everybody. A question that is not understood is not saved. */
export const createView = useCase(
  {
    name: 'create-view',
    may: ['auditor', 'operator', 'approver', 'admin'],
    stepUp: false,
    scope: 'everything',
    input: z.object({ name: viewName, query: z.string() }),
  },
  async ({ actor, db }, { name, query }) => {
    const { terms } = await questionOf(db, actor, query);
    const line = formatQuery(terms);
    return db.prisma.$transaction(async (tx) => {
      await requireFreeViewName(tx, name);
      const { id } = await tx.savedView.create({ data: { name, query: line, createdBy: auditActor(actor) } });
      await record(tx, { action: 'view.created', actor: auditActor(actor), id, name, query: line });
      return { id };
    });
  },
);
