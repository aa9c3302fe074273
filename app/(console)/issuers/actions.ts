'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { archiveIssuer } from '#core/issuers/archive-issuer.ts';
import { changeIssuer } from '#core/issuers/change-issuer.ts';
import { checkIssuer } from '#core/issuers/check-issuer.ts';
import type { CheckResult } from '#core/outside/as-check.ts';

export async function addIssuerAction(
  wish: Parameters<typeof addIssuer>[1],
): Promise<Answer<{ id: string }>> {
  const actor = await currentActor();
  return answer(() => addIssuer(actor, wish));
}

export async function checkIssuerAction(issuerId: string): Promise<Answer<CheckResult>> {
  const actor = await currentActor();
  return answer(() => checkIssuer(actor, { issuerId }));
}

export async function archiveIssuerAction(issuerId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => archiveIssuer(actor, { issuerId }));
}

export async function renameIssuerAction(issuerId: string, name: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => changeIssuer(actor, { issuerId, name }));
}

export async function changeIssuerSettingsAction(
  issuerId: string,
  config: Record<string, unknown>,
): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => changeIssuer(actor, { issuerId, config }));
}
