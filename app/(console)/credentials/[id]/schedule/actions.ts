'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import type { FirstRun } from '#core/policies/first-run.ts';
import { moveNextRun } from '#core/policies/move-next-run.ts';
import { unassignPolicy } from '#core/policies/unassign-policy.ts';

export async function assignPolicyAction(
  credentialId: string,
  policyId: string,
  first: FirstRun,
): Promise<Answer<{ nextRotationAt: string | null }>> {
  const actor = await currentActor();
  return answer(() => assignPolicy(actor, { credentialId, policyId, first }));
}

export async function moveNextRunAction(
  credentialId: string,
  at: string,
): Promise<Answer<{ nextRotationAt: string }>> {
  const actor = await currentActor();
  return answer(() => moveNextRun(actor, { credentialId, at }));
}

export async function unassignPolicyAction(credentialId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => unassignPolicy(actor, { credentialId }));
}
