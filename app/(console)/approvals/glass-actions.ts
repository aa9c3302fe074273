'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { closeReview } from '#core/rotation/close-review.ts';
import { confirmBreakGlass } from '#core/rotation/confirm-break-glass.ts';
import { refuseBreakGlass } from '#core/rotation/refuse-break-glass.ts';

export async function confirmBreakGlassAction(rotationId: string, askId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => confirmBreakGlass(actor, { rotationId, askId }));
}

export async function refuseBreakGlassAction(
  rotationId: string,
  askId: string,
  reason: string,
): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => refuseBreakGlass(actor, { rotationId, askId, reason }));
}

export async function closeReviewAction(rotationId: string, conclusion: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => closeReview(actor, { rotationId, conclusion }));
}
