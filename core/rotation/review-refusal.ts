import type { Actor } from '#core/access/actor.ts';
import type { Requester } from '#core/rotation/requester.ts';
import { isSomebodyElse } from '#core/rotation/second-person.ts';
import type { Db } from '#lib/db.ts';

/** Why this actor may not close the review of what that one asked for; null when they may. */
export async function reviewRefusal(
  on: Db,
  credentialId: string,
  requestedBy: Requester,
  actor: Actor,
): Promise<string | null> {
  if (actor.kind !== 'user') {
    return 'Only a person can close a review.';
  }
  const isOwn = requestedBy.id === actor.id;
  return isOwn && (await isSomebodyElse(on, credentialId, actor.id))
    ? 'You asked to break the glass yourself: somebody else has to close the review.'
    : null;
}
