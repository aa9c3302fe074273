'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { importCredential } from '#core/credentials/import-credential.ts';

export async function importCredentialAction(
  wish: Parameters<typeof importCredential>[1],
): Promise<Answer<{ id: string }>> {
  const actor = await currentActor();
  return answer(() => importCredential(actor, wish));
}
