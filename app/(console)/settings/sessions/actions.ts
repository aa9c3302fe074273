'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { revokeOtherSessions } from '#core/users/revoke-other-sessions.ts';
import { revokeSession } from '#core/users/revoke-session.ts';

export async function revokeSessionAction(sessionId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => revokeSession(actor, { sessionId }));
}

export async function revokeOtherSessionsAction(): Promise<Answer<{ sessions: number }>> {
  const actor = await currentActor();
  return answer(() => revokeOtherSessions(actor, {}));
}
