'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { changePassword } from '#core/users/change-password.ts';
import { removeSecondFactor } from '#core/users/remove-second-factor.ts';

export async function removeSecondFactorAction(): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => removeSecondFactor(actor, {}));
}

/** The framework's log of arguments is off (next.config.ts). */
export async function changePasswordAction(password: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => changePassword(actor, { password }));
}
