'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import type { CheckResult } from '#core/outside/as-check.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { archiveTarget } from '#core/targets/archive-target.ts';
import { changeTarget } from '#core/targets/change-target.ts';
import { checkTarget } from '#core/targets/check-target.ts';

export async function addTargetAction(
  wish: Parameters<typeof addTarget>[1],
): Promise<Answer<{ id: string }>> {
  const actor = await currentActor();
  return answer(() => addTarget(actor, wish));
}

export async function checkTargetAction(targetId: string): Promise<Answer<CheckResult>> {
  const actor = await currentActor();
  return answer(() => checkTarget(actor, { targetId }));
}

export async function archiveTargetAction(targetId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => archiveTarget(actor, { targetId }));
}

export async function renameTargetAction(targetId: string, name: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => changeTarget(actor, { targetId, name }));
}

export async function changeTargetSettingsAction(
  targetId: string,
  config: Record<string, unknown>,
): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => changeTarget(actor, { targetId, config }));
}
