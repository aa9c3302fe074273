import type { Actor } from '#core/access/actor.ts';
import { requester } from '#core/rotation/requester.ts';
import { type WhoAsked, whoAsked } from '#core/rotation/who-asked.ts';
import type { Db } from '#lib/db.ts';
import { notFound, Problem } from '#lib/problem.ts';

/** Why this actor may not confirm what others asked for; null when they may. */
export function confirmRefusal(askedBy: WhoAsked, actor: Actor): string | null {
  if (actor.kind !== 'user') {
    return 'Only a person can confirm it.';
  }
  if (askedBy.themselves.includes(actor.id)) {
    return 'You asked for it yourself: somebody else has to confirm it.';
  }
  return askedBy.all.includes(actor.id)
    ? 'An API client asked for it that you made or whose secret you had: somebody else has to confirm it.'
    : null;
}

/** What was asked for, locked until the transaction ends. Throws a `Problem` where it waits for nobody any more. */
export async function lockAsked(tx: Db, askId: string, rotationId: string) {
  const [row] = await tx.$queryRaw<
    {
      state: string;
      requested_by: unknown;
      requested_at: Date;
      reason: string;
      credential_id: string;
      name: string;
      over: boolean;
    }[]
  >`
    select g.state, g.requested_by, g.requested_at, g.reason, g.credential_id, c.name, g.until <= rekey_now() as over
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
  const requestedBy = requester.parse(row.requested_by);
  return {
    requestedBy,
    askedBy: await whoAsked(tx, [requestedBy], row.requested_at),
    reason: row.reason,
    credentialId: row.credential_id,
    credential: row.name,
  };
}
