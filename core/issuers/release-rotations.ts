import type { AuditActor } from '#core/audit/events.ts';
import { record } from '#core/audit/record.ts';
import { db } from '#lib/db.ts';

interface Released {
  id: string;
  credential_id: string;
  credential: string;
}

/**
 * Lets rotations go on that are held for their issuer's health although it is not unhealthy any more: an answer has made
 * it well, or a worker that had read its health before held them afterwards. One that is being acted on is passed over
 * until the next sweep. A transaction of its own, which locks no issuer: a step locks its rotation and then the issuer.
 */
export async function releaseRotations(actor: AuditActor): Promise<void> {
  await db().prisma.$transaction(async (tx) => {
    const released = await tx.$queryRaw<Released[]>`
      with well as materialized (
        select r.id from rotations r join credentials c on c.id = r.credential_id join issuers i on i.id = c.issuer_id
         where r.outcome is null and r.hold = 'issuer_unhealthy' and i.health <> 'unhealthy'
         order by r.id limit 500 for update of r skip locked
      )
      update rotations r
         set hold = null, hold_detail = null, next_attempt_at = rekey_now(), phase_at = rekey_now()
        from credentials c
       where r.id in (select id from well) and c.id = r.credential_id
      returning r.id, r.credential_id, c.name as credential`;
    for (const { id: rotationId, credential_id: credentialId, credential } of released) {
      await record(tx, { action: 'rotation.resumed', actor, credentialId, credential, rotationId });
    }
  });
}
