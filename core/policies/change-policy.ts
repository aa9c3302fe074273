import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { checkPolicy, columnsOf, policyInput, requireFreeName } from '#core/policies/policy-input.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = policyInput.extend({
  policyId: z.uuid(),
  /** The version that the change was made on the ground of; another one refuses it. */
  version: z.int().optional(),
});

const told = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value ?? null));

const changedMeanwhile = (name: string) =>
  new Problem(
    412,
    'changed_meanwhile',
    `${name} has been changed since you read it. Nothing was changed; read it again, then decide.`,
  );

/** What is otherwise than before, field by field, for those who read the audit. */
function changesBetween(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>) {
  return Object.keys(after)
    .map((field) => ({ field, from: told(before[field]), to: told(after[field]) }))
    .filter(({ from, to }) => from !== to);
}

/**
 * Changes a policy for all credentials that have it. Their next slots are worked out anew, from now on, so that none comes
 * at once for the change; rotations that are open go on as they were asked for.
 */
export const changePolicy = useCase(
  { name: 'change-policy', may: ['admin'], stepUp: false, scope: 'everything', input },
  async ({ actor, db }, { policyId: id, version, ...wish }) => {
    await checkPolicy(db, wish);
    return db.prisma.$transaction(async (tx) => {
      const before = await tx.policy.findUnique({ where: { id } });
      if (before === null || before.archivedAt !== null) {
        throw notFound('policy');
      }
      await requireFreeName(tx, wish.name, id);
      const columns = columnsOf(wish);
      const on = { id, ...(version === undefined ? {} : { version }) };
      const data = { ...columns, version: { increment: 1 } };
      if ((await tx.policy.updateMany({ where: on, data })).count === 0) {
        throw changedMeanwhile(wish.name);
      }
      const window = wish.rules.window === null ? null : JSON.stringify(wish.rules.window);
      await tx.$executeRaw`update policies set "window" = ${window}::jsonb where id = ${id}::uuid`;
      const { count } = await tx.policyAssignment.updateMany({
        where: { policyId: id },
        data: { slot: null, dueAt: null, nextSlot: null, nextDueAt: null },
      });
      const changes = changesBetween(before, { ...columns, window: wish.rules.window });
      await record(tx, { action: 'policy.changed', actor: auditActor(actor), id, name: wish.name, changes });
      return { credentials: count };
    });
  },
);
