'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';

export async function bindTargetAction(
  wish: Parameters<typeof bindTarget>[1],
): Promise<Answer<{ id: string }>> {
  const actor = await currentActor();
  return answer(() => bindTarget(actor, wish));
}
