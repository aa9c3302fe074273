import type { Actor } from '#core/access/actor.ts';
import { type Requester, requester } from '#core/rotation/requester.ts';
import type { Db } from '#lib/db.ts';
import { notFound, Problem } from '#lib/problem.ts';

/** Why this actor may not confirm what that one asked for; null when they may. */
export function confirmRefusal(requestedBy: Requester, actor: Actor): string | null {
  if (actor.kind !== 'user') {
    return 'Only a person can confirm it.';
  }
  return requestedBy.id === actor.id ? 'You asked for it yourself: somebody else has to confirm it.' : null;
}

/** What was asked for, locked until the transaction ends. Throws a `Problem` where it waits for nobody any more. */
export async function lockAsked(tx: Db, askId: string, rotationId: string) {
  const [row] = await tx.$queryRaw<
    {
      state: string;
      requested_by: unknown;
      reason: string;
      credential_id: string;
      name: string;
      over: boolean;
    }[]
  >`
    select g.state, g.requested_by, g.reason, g.credential_id, c.name, g.until <= rekey_now() as over
      from glass_breaks g join credentials c on c.id = g.credential_id
     where g.id = ${askId}::uuid and g.rotation_id = ${rotationId}::uuid for update of g`;
  if (row === undefined) {
    throw notFound('request to break the glass');
  }
  if (row.state !== 'asked' || row.over) {
    const sentence =
      row.state === 'broken' || row.state === 'refused'
        ? 'Somebody has decided it already.'
        : 'Nobody confirmed it in time. It can be asked for again.';
    throw new Problem(409, 'not_now', `${sentence} Nothing was changed.`);
  }
  return {
    requestedBy: requester.parse(row.requested_by),
    reason: row.reason,
    credentialId: row.credential_id,
    credential: row.name,
  };
}
