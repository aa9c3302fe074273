'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { abandonRotation } from '#core/rotation/abandon-rotation.ts';
import { breakGlass } from '#core/rotation/break-glass.ts';
import { cancelRotation } from '#core/rotation/cancel-rotation.ts';
import { confirmBinding } from '#core/rotation/confirm-binding.ts';
import { extendOverlap } from '#core/rotation/extend-overlap.ts';
import { holdRotation } from '#core/rotation/hold-rotation.ts';
import { resumeRotation } from '#core/rotation/resume-rotation.ts';
import { retryRotation } from '#core/rotation/retry-rotation.ts';
import { revokeNow } from '#core/rotation/revoke-now.ts';
import { rollBackRotation } from '#core/rotation/roll-back-rotation.ts';
import { tryNow } from '#core/rotation/try-now.ts';

export async function resumeAction(rotationId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => resumeRotation(actor, { rotationId }));
}

export async function retryAction(rotationId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => retryRotation(actor, { rotationId }));
}

export async function tryNowAction(rotationId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => tryNow(actor, { rotationId }));
}

/** Delivers to one target again. */
export async function deliverAgainAction(rotationId: string, bindingId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => retryRotation(actor, { rotationId, bindingId }));
}

export async function holdAction(rotationId: string, reason?: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => holdRotation(actor, { rotationId, reason }));
}

export async function cancelAction(rotationId: string, reason?: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => cancelRotation(actor, { rotationId, reason }));
}

export async function rollBackAction(rotationId: string, reason?: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => rollBackRotation(actor, { rotationId, reason }));
}

export async function confirmAction(
  rotationId: string,
  bindingId: string,
  reason: string,
): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => confirmBinding(actor, { rotationId, bindingId, reason }));
}

/** `until` is the end that the person was shown. */
export async function extendAction(rotationId: string, until: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => extendOverlap(actor, { rotationId, end: { until } }));
}

export async function revokeNowAction(rotationId: string, reason?: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => revokeNow(actor, { rotationId, reason }));
}

export async function abandonAction(rotationId: string, reason: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => abandonRotation(actor, { rotationId, reason }));
}

/** `name` is typed by an admin whom nobody else could confirm it for. */
export async function breakGlassAction(
  rotationId: string,
  reason: string,
  name?: string,
): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(async () => {
    await breakGlass(actor, { rotationId, reason, name });
  });
}
