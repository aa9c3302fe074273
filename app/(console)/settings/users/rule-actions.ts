'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { requireSecondFactor } from '#core/users/require-second-factor.ts';
import { waiveSecondFactor } from '#core/users/waive-second-factor.ts';

export async function requireSecondFactorAction(): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => requireSecondFactor(actor, {}));
}

export async function waiveSecondFactorAction(): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => waiveSecondFactor(actor, {}));
}
