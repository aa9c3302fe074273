'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { allowConsumer } from '#core/credentials/allow-consumer.ts';
import { ignoreFinding } from '#core/credentials/ignore-finding.ts';
import { removeConsumer } from '#core/credentials/remove-consumer.ts';
import { type PlannedRotation, planRotation } from '#core/rotation/plan-rotation.ts';
import { type Probed, probeRotation } from '#core/rotation/probe-rotation.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';

export async function planAction(credentialId: string): Promise<Answer<PlannedRotation>> {
  const actor = await currentActor();
  return answer(() => planRotation(actor, { credentialId }));
}

export async function probeAction(credentialId: string): Promise<Answer<Probed>> {
  const actor = await currentActor();
  return answer(() => probeRotation(actor, { credentialId }));
}

export async function rotateAction(
  credentialId: string,
  wish: {
    graceSeconds?: number | undefined;
    graceAfterUseSeconds?: number | null | undefined;
    reason?: string | undefined;
    ticket?: string | undefined;
    priority?: 'manual' | 'breach' | undefined;
  },
): Promise<Answer<{ rotationId: string; existing: boolean }>> {
  const actor = await currentActor();
  // Named one by one: what else is sent is not passed on.
  const { graceSeconds, graceAfterUseSeconds, reason, ticket, priority } = wish;
  return answer(() =>
    requestRotation(actor, {
      credentialId,
      graceSeconds,
      graceAfterUseSeconds,
      reason,
      ticket,
      priority,
    }),
  );
}

export async function ignoreFindingAction(findingId: string, reason: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => ignoreFinding(actor, { findingId, reason }));
}

interface Right {
  bindingId: string;
  clientId: string;
}

export async function allowConsumerAction({ bindingId, clientId }: Right): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(async () => {
    await allowConsumer(actor, { bindingId, clientId });
  });
}

export async function removeConsumerAction({ bindingId, clientId }: Right): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => removeConsumer(actor, { bindingId, clientId }));
}
