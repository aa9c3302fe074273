'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import type { CheckResult } from '#core/outside/as-check.ts';
import { changeWebhookEndpoint } from '#core/webhooks/change-webhook-endpoint.ts';
import { disableWebhookEndpoint } from '#core/webhooks/disable-webhook-endpoint.ts';
import { enableWebhookEndpoint } from '#core/webhooks/enable-webhook-endpoint.ts';
import { removeWebhookEndpoint } from '#core/webhooks/remove-webhook-endpoint.ts';
import { replayWebhookEvents } from '#core/webhooks/replay-webhook-events.ts';
import { replayWebhookMessage } from '#core/webhooks/replay-webhook-message.ts';
import { tryWebhookEndpoint } from '#core/webhooks/try-webhook-endpoint.ts';

export async function changeEndpointAction(
  wish: Parameters<typeof changeWebhookEndpoint>[1],
): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => changeWebhookEndpoint(actor, wish));
}

export async function switchEndpointAction(endpointId: string, on: boolean): Promise<Answer<void>> {
  const actor = await currentActor();
  const change = on ? enableWebhookEndpoint : disableWebhookEndpoint;
  return answer(() => change(actor, { endpointId }));
}

export async function tryEndpointAction(endpointId: string): Promise<Answer<CheckResult>> {
  const actor = await currentActor();
  return answer(() => tryWebhookEndpoint(actor, { endpointId }));
}

export async function replayMessageAction(endpointId: string, messageId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => replayWebhookMessage(actor, { endpointId, messageId }));
}

export async function replayEventsAction(endpointId: string, since: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => replayWebhookEvents(actor, { endpointId, since }));
}

export async function removeEndpointAction(endpointId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => removeWebhookEndpoint(actor, { endpointId }));
}
