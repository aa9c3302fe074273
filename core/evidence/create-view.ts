import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { readCredentialLine } from '#core/evidence/credential-line.ts';
import { questionOf } from '#core/evidence/filter.ts';
import { formatQuery } from '#core/evidence/query.ts';
import { requireFreeViewName, viewList, viewName } from '#core/evidence/view.ts';

/**
 * Gives a question to the audit log, or the filter in the address of the list of credentials, a name, for everybody. What is not
 * understood is not saved, and neither is a filter that asks for nothing.
 */
export const createView = useCase(
  {
    name: 'create-view',
    may: ['auditor', 'operator', 'approver', 'admin'],
    stepUp: false,
    scope: 'everything',
    input: z.object({ list: viewList.default('audit'), name: viewName, query: z.string() }),
  },
  async ({ actor, db }, { list, name, query }) => {
    const line =
      list === 'audit' ? formatQuery((await questionOf(db, actor, query)).terms) : readCredentialLine(query);
    return db.prisma.$transaction(async (tx) => {
      await requireFreeViewName(tx, list, name);
      const data = { list, name, query: line, createdBy: auditActor(actor) };
      const { id } = await tx.savedView.create({ data });
      await record(tx, { action: 'view.created', actor: auditActor(actor), id, list, name, query: line });
      return { id };
    });
  },
);
