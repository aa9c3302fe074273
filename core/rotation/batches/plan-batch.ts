import { read } from '#core/access/use-case.ts';
import { batchInput } from '#core/rotation/batches/batch-input.ts';
import { etaSeconds } from '#core/rotation/batches/eta.ts';
import { planMembers } from '#core/rotation/batches/plan-members.ts';
import { countToType } from '#core/rotation/batches/production.ts';

/**
 * What a batch of these credentials would do: each with its strategy, its gap and its grace period, or why it cannot be rotated
 * now; how long all of them will take, and the digest that names this list when it is started. Nothing is changed.
 */
export const planBatch = read(
  {
    name: 'plan-batch',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input: batchInput,
  },
  async ({ actor, db }, { maxConcurrency, ...wish }) => {
    const { members, digest } = await planMembers(db.pool, { ...wish, requester: actor.name });
    const starting = members.filter(({ refusal }) => refusal === null);
    return {
      digest,
      members,
      starting: starting.length,
      /** Until the last new secret is in use; overlaps end later. */
      etaSeconds: etaSeconds(starting, maxConcurrency),
      measured: starting.length > 0 && starting.every(({ measured }) => measured),
      /** The number that whoever starts it has to type; null where none has to be. */
      count: countToType(starting.map(({ environment }) => environment)),
    };
  },
);

export type BatchPlan = Awaited<ReturnType<typeof planBatch>>;
