'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { pauseCredential } from '#core/credentials/pause-credential.ts';
import { unpauseCredential } from '#core/credentials/unpause-credential.ts';
import { pauseIssuer } from '#core/issuers/pause-issuer.ts';
import { unpauseIssuer } from '#core/issuers/unpause-issuer.ts';
import { pauseEverything } from '#core/rotation/pause-everything.ts';
import { unpauseEverything } from '#core/rotation/unpause-everything.ts';

export async function pauseCredentialAction(credentialId: string, reason: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => pauseCredential(actor, { credentialId, reason }));
}

export async function unpauseCredentialAction(credentialId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => unpauseCredential(actor, { credentialId }));
}

export async function pauseIssuerAction(issuerId: string, reason: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => pauseIssuer(actor, { issuerId, reason }));
}

export async function unpauseIssuerAction(issuerId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => unpauseIssuer(actor, { issuerId }));
}

export async function pauseEverythingAction(reason: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => pauseEverything(actor, { reason }));
}

export async function unpauseEverythingAction(): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => unpauseEverything(actor, {}));
}
