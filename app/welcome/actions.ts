'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { system } from '#core/access/actor.ts';
import { choosePassword } from '#core/users/choose-password.ts';

/** The link's token is the proof of who asks; there is no session yet. */
export async function choosePasswordAction(
  token: string,
  password: string,
): Promise<Answer<{ email: string }>> {
  return answer(() => choosePassword(system('welcome link'), { token, password }));
}
