'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { unassignPolicy } from '#core/policies/unassign-policy.ts';

export async function assignPolicyAction(
  credentialId: string,
  policyId: string,
): Promise<Answer<{ nextRotationAt: string | null }>> {
  const actor = await currentActor();
  return answer(() => assignPolicy(actor, { credentialId, policyId }));
}

export async function unassignPolicyAction(credentialId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => unassignPolicy(actor, { credentialId }));
}
