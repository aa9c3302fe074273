'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { archiveBinding } from '#core/credentials/archive-binding.ts';
import { changeBinding } from '#core/credentials/change-binding.ts';

export async function changeBindingAction(wish: Parameters<typeof changeBinding>[1]): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => changeBinding(actor, wish));
}

export async function archiveBindingAction(bindingId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => archiveBinding(actor, { bindingId }));
}
