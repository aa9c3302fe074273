'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { resumeBatch } from '#core/rotation/batches/resume-batch.ts';
import { stopBatch } from '#core/rotation/batches/stop-batch.ts';

export async function stopBatchAction(batchId: string, reason: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => stopBatch(actor, { batchId, reason }));
}

export async function resumeBatchAction(batchId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => resumeBatch(actor, { batchId }));
}
