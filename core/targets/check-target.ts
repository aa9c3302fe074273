import { z } from 'zod';
import { targetConnector } from '#connectors/registry.ts';
import { useCase } from '#core/access/use-case.ts';
import { asCheck } from '#core/outside/as-check.ts';
import { openTarget } from '#core/outside/open-connector.ts';
import { newId } from '#lib/new-id.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({
  targetId: z.uuid(),
  /** The binding to check it with; the oldest where none is given. */
  bindingId: z.uuid().optional(),
});

/**
 * Asks a target whether it is reachable and writable: with one of its bindings or, where a target needs no place,
 * without. The answer is kept as the target's health; nothing is written there.
 */
export const checkTarget = useCase(
  { name: 'check-target', may: ['operator', 'admin'], stepUp: false, scope: 'everything', input },
  async ({ db }, { targetId, bindingId }) => {
    const row = await db.prisma.target.findUnique({
      where: { id: targetId, archivedAt: null },
      include: {
        bindings: {
          where: { archivedAt: null, ...(bindingId === undefined ? {} : { id: bindingId }) },
          orderBy: { createdAt: 'asc' },
          take: 1,
        },
      },
    });
    if (row === null) {
      throw notFound('target');
    }
    const found = row.bindings[0];
    if (found === undefined && bindingId !== undefined) {
      throw notFound('binding');
    }
    const binding = found ?? { id: newId(), place: {}, sealed: null };
    if (found === undefined && !targetConnector(row.kind).place.safeParse({}).success) {
      throw nothingToCheckWith(row.name);
    }
    const target = openTarget(row, { ...binding, table: 'bindings' });
    const result = await asCheck(`${row.name} answers, and can be written.`, () =>
      target.ask(null, (connector, call) => connector.check(call)),
    );
    const health = result.ok ? 'healthy' : 'unhealthy';
    await db.prisma.$executeRaw`
      update targets set health = ${health}, checked_at = rekey_now(), checked_by = ${result.ok ? 'check' : 'failed_check'}
       where id = ${targetId}::uuid`;
    return result;
  },
);

function nothingToCheckWith(name: string): Problem {
  const sentence = `${name} is bound to nothing yet, so there is no place to look at. It is checked when a credential is bound to it.`;
  return new Problem(409, 'nothing_to_check_with', sentence);
}
