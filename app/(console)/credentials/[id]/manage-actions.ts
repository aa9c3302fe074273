'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { archiveCredential } from '#core/credentials/archive-credential.ts';
import { changeCredential } from '#core/credentials/change-credential.ts';

export async function changeCredentialAction(
  wish: Parameters<typeof changeCredential>[1],
): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => changeCredential(actor, wish));
}

export async function archiveCredentialAction(credentialId: string, name: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => archiveCredential(actor, { credentialId, name }));
}
