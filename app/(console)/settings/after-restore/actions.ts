'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { resumeRestored } from '#core/backup/resume-restored.ts';

export async function resumeRestoredAction(comparedAt: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => resumeRestored(actor, { comparedAt }));
}
