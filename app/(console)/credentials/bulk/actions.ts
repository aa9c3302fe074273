'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { choiceOf } from '#app/(console)/credentials/bulk/choice-of.ts';
import type { Chosen, Filter } from '#app/(console)/credentials/bulk/selection.tsx';
import { matchCredentials } from '#core/credentials/match-credentials.ts';
import { pauseCredential } from '#core/credentials/pause-credential.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { type BatchPlan, planBatch } from '#core/rotation/batches/plan-batch.ts';
import { startBatch } from '#core/rotation/batches/start-batch.ts';

/** Everything that fits the filter of the list, on all of its pages. */
export async function matchAction({ issuer, target, ...asked }: Filter): Promise<Answer<Chosen[]>> {
  const actor = await currentActor();
  const wish = { ...asked, issuerId: issuer, targetId: target };
  return answer(async () =>
    (await matchCredentials(actor, wish as Parameters<typeof matchCredentials>[1])).map(choiceOf),
  );
}

type PlanWish = Pick<Parameters<typeof planBatch>[1], 'credentialIds' | 'maxConcurrency' | 'graceSeconds'>;

export async function planBatchAction(wish: PlanWish): Promise<Answer<BatchPlan>> {
  const actor = await currentActor();
  return answer(() => planBatch(actor, wish));
}

export async function startBatchAction(
  wish: Parameters<typeof startBatch>[1],
): Promise<Answer<{ batchId: string }>> {
  const actor = await currentActor();
  return answer(() => startBatch(actor, wish));
}

/** What came of one credential: nothing to say where it was changed, else why it was not. */
export interface Changed {
  id: string;
  refused: string | null;
}

/** One after the other: each is a change of its own, and one that is refused keeps no other from being made. */
async function forEach(ids: readonly string[], change: (id: string) => Promise<unknown>): Promise<Changed[]> {
  const done: Changed[] = [];
  for (const id of ids) {
    const answered = await answer(() => change(id));
    done.push({ id, refused: answered.ok ? null : answered.message });
  }
  return done;
}

export async function pauseManyAction(ids: string[], reason: string): Promise<Changed[]> {
  const actor = await currentActor();
  return forEach(ids, (credentialId) => pauseCredential(actor, { credentialId, reason }));
}

export async function assignManyAction(ids: string[], policyId: string): Promise<Changed[]> {
  const actor = await currentActor();
  return forEach(ids, (credentialId) => assignPolicy(actor, { credentialId, policyId }));
}
