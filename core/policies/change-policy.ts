import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { checkPolicy, columnsOf, policyInput, requireFreeName } from '#core/policies/policy-input.ts';
import type { Db } from '#lib/db.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = policyInput.extend({
  policyId: z.uuid(),
  /** The version that the change was made on the ground of; another one refuses it. */
  version: z.int().optional(),
});

/** With its names in one order: the database keeps those of a rule in another one than people give them. */
const inOrder = (_name: string, value: unknown) =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => a.localeCompare(b)))
    : value;

const told = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value ?? null, inOrder));

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

/** Notifiers as the audit names them; one that was removed since is left out. */
async function namesOf(tx: Db, ids: readonly string[]): Promise<string> {
  const found = await tx.notifier.findMany({ where: { id: { in: [...ids] } }, orderBy: { name: 'asc' } });
  return found.length === 0 ? 'all' : found.map(({ name }) => name).join(', ');
}

const rhythmFields = ['intervalSeconds', 'cron', 'timeZone'];
const limitFields = ['maxAgeSeconds', 'ageBringsForward', 'renewBeforeSeconds'];
const ruleFields = ['window', 'blackouts', 'jitterSeconds'];

/**
 * Another rhythm has other slots, from now on. Other rules let the next slot start at another time; one that waits for its
 * start already keeps that time, so that none comes at once for the change, and so does one whose time a person chose: should
 * the policy be closed then, it waits when it is due. What follows a slot that was moved stays, for only that still knows which
 * slot the moved one has taken the place of. Anything else leaves slots as they are.
 */
async function moveSlots(tx: Db, id: string, changed: readonly string[]): Promise<void> {
  if (changed.some((field) => rhythmFields.includes(field))) {
    await tx.$executeRaw`
      update policy_assignments
         set slot = null, due_at = null, next_slot = null, next_due_at = null, fill_at = null,
             moved_by = null
       where policy_id = ${id}::uuid`;
  } else if (changed.some((field) => ruleFields.includes(field))) {
    await tx.$executeRaw`
      update policy_assignments
         set due_at = case when slot <= rekey_now() or (moved_by = 'hand' and due_at = slot) then due_at end,
             next_slot = case when moved_by is not null then next_slot end,
             next_due_at = case when moved_by is not null then next_due_at end,
             fill_at = null
       where policy_id = ${id}::uuid`;
  }
  if (changed.some((field) => limitFields.includes(field))) {
    await tx.$executeRaw`update policy_assignments set since = rekey_now() where policy_id = ${id}::uuid`;
  }
}

/**
 * Changes a policy for all credentials that have it. None rotates at once for the change; rotations that are open go on as
 * they were asked for.
 */
export const changePolicy = useCase(
  { name: 'change-policy', may: ['admin'], stepUp: false, scope: 'everything', input },
  async (context, { policyId: id, version, ...wish }) => {
    const { actor, db } = context;
    await checkPolicy(context, wish, id);
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
      const { notifierIds, ...after } = columns;
      const changes = changesBetween(
        { ...before, notifiers: await namesOf(tx, before.notifierIds) },
        { ...after, window: wish.rules.window, notifiers: await namesOf(tx, notifierIds) },
      );
      await moveSlots(
        tx,
        id,
        changes.map(({ field }) => field),
      );
      await record(tx, { action: 'policy.changed', actor: auditActor(actor), id, name: wish.name, changes });
      return { credentials: await tx.policyAssignment.count({ where: { policyId: id } }) };
    });
  },
);
