'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { changeApiClient } from '#core/clients/change-api-client.ts';
import { endApiClientSecret } from '#core/clients/end-api-client-secret.ts';
import { revokeApiClient } from '#core/clients/revoke-api-client.ts';

export async function endSecretAction(clientId: string, secretId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => endApiClientSecret(actor, { clientId, secretId }));
}

export async function changeClientAction(wish: Parameters<typeof changeApiClient>[1]): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => changeApiClient(actor, wish));
}

export async function revokeClientAction(wish: Parameters<typeof revokeApiClient>[1]): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => revokeApiClient(actor, wish));
}
