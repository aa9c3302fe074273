import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { checkPolicy, columnsOf, policyInput, requireFreeName } from '#core/policies/policy-input.ts';
import { newId } from '#lib/new-id.ts';

/** Saves when credentials rotate and how long their old version is kept. It touches no credential until it is assigned. */
export const createPolicy = useCase(
  { name: 'create-policy', may: ['admin'], stepUp: false, scope: 'everything', input: policyInput },
  async (context, wish) => {
    const { actor, db } = context;
    await checkPolicy(context, wish);
    const id = newId();
    const { name, rules } = wish;
    await db.prisma.$transaction(async (tx) => {
      await requireFreeName(tx, name, id);
      const window = rules.window === null ? {} : { window: rules.window };
      await tx.policy.create({ data: { id, ...columnsOf(wish), ...window } });
      await record(tx, { action: 'policy.created', actor: auditActor(actor), id, name });
    });
    return { id };
  },
);
