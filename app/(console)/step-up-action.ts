'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { stepUp } from '#core/users/step-up.ts';

/** Proves again who the person is. The framework's log of arguments is off (next.config.ts). */
export async function stepUpAction(proof: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => stepUp(actor, { proof }));
}
