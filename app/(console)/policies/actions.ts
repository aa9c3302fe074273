'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { archivePolicy } from '#core/policies/archive-policy.ts';
import { changePolicy } from '#core/policies/change-policy.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { disablePolicy } from '#core/policies/disable-policy.ts';
import { enablePolicy } from '#core/policies/enable-policy.ts';
import type { FirstRun } from '#core/policies/first-run.ts';
import { previewSlots } from '#core/policies/preview-slots.ts';
import type { Rhythm } from '#core/schedule/next-slot.ts';
import type { RulesWish } from '#core/schedule/rules.ts';

export async function createPolicyAction(
  wish: Parameters<typeof createPolicy>[1],
): Promise<Answer<{ id: string }>> {
  const actor = await currentActor();
  return answer(() => createPolicy(actor, wish));
}

export async function changePolicyAction(
  policyId: string,
  wish: Parameters<typeof createPolicy>[1],
): Promise<Answer<{ credentials: number }>> {
  const actor = await currentActor();
  return answer(() => changePolicy(actor, { policyId, ...wish }));
}

export async function previewSlotsAction(
  rhythm: Rhythm,
  rules: RulesWish,
): Promise<Answer<Awaited<ReturnType<typeof previewSlots>>>> {
  const actor = await currentActor();
  return answer(() => previewSlots(actor, { rhythm, rules, count: 10 }));
}

export async function enablePolicyAction(
  policyId: string,
  first: FirstRun,
): Promise<Answer<{ credentials: number }>> {
  const actor = await currentActor();
  return answer(() => enablePolicy(actor, { policyId, first }));
}

export async function disablePolicyAction(policyId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => disablePolicy(actor, { policyId }));
}

export async function archivePolicyAction(policyId: string, credentials: number): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => archivePolicy(actor, { policyId, credentials }));
}
