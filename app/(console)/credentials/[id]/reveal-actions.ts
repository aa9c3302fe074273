'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { allowReveal } from '#core/credentials/allow-reveal.ts';
import { forbidReveal } from '#core/credentials/forbid-reveal.ts';

export async function allowRevealAction(credentialId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => allowReveal(actor, { credentialId }));
}

export async function forbidRevealAction(credentialId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => forbidReveal(actor, { credentialId }));
}
