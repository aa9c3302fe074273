'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { createView } from '#core/evidence/create-view.ts';
import { removeView } from '#core/evidence/remove-view.ts';
import { renameView } from '#core/evidence/rename-view.ts';
import type { ViewList } from '#core/evidence/view.ts';

export async function createViewAction(
  list: ViewList,
  name: string,
  query: string,
): Promise<Answer<{ id: string }>> {
  const actor = await currentActor();
  return answer(() => createView(actor, { list, name, query }));
}

export async function renameViewAction(id: string, name: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => renameView(actor, { id, name }));
}

export async function removeViewAction(id: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => removeView(actor, { id }));
}
