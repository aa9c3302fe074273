'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { approveRotation } from '#core/rotation/approve-rotation.ts';
import { rejectRotation } from '#core/rotation/reject-rotation.ts';

export async function approveAction(
  rotationId: string,
  digest: string,
): Promise<Answer<{ goesOn: boolean }>> {
  const actor = await currentActor();
  return answer(() => approveRotation(actor, { rotationId, digest }));
}

export async function rejectAction(rotationId: string, reason: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => rejectRotation(actor, { rotationId, reason }));
}
