'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { resumeRotation } from '#core/rotation/resume-rotation.ts';

export async function resumeAction(rotationId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => resumeRotation(actor, { rotationId }));
}
