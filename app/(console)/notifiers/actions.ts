'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { addNotifier } from '#core/notifiers/add-notifier.ts';
import { changeNotifier } from '#core/notifiers/change-notifier.ts';
import { removeNotifier } from '#core/notifiers/remove-notifier.ts';
import { tryNotifier } from '#core/notifiers/try-notifier.ts';
import type { CheckResult } from '#core/outside/as-check.ts';

export async function addNotifierAction(
  wish: Parameters<typeof addNotifier>[1],
): Promise<Answer<{ id: string }>> {
  const actor = await currentActor();
  return answer(() => addNotifier(actor, wish));
}

export async function tryNotifierAction(notifierId: string): Promise<Answer<CheckResult>> {
  const actor = await currentActor();
  return answer(() => tryNotifier(actor, { notifierId }));
}

export async function removeNotifierAction(notifierId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => removeNotifier(actor, { notifierId }));
}

export async function changeNotifierAction(
  wish: Parameters<typeof changeNotifier>[1],
): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => changeNotifier(actor, wish));
}
