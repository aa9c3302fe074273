import type { AuditActor } from '#core/audit/events.ts';
import { record } from '#core/audit/record.ts';
import type { Db } from '#lib/db.ts';

interface Held {
  id: string;
  credential_id: string;
  credential: string;
}

/**
 * An issuer answers as it should: it is called healthy, and the rotations that were held because it did not go on.
 * Stored with its events, and only what changes by it is recorded.
 */
export async function markHealthy(
  tx: Db,
  issuer: { id: string; name: string },
  actor: AuditActor,
): Promise<void> {
  const [before] = await tx.$queryRaw<{ health: string }[]>`
    select health from issuers where id = ${issuer.id}::uuid for update`;
  await tx.$executeRaw`
    update issuers
       set health = 'healthy', failures = 0, probe_at = null, checked_at = rekey_now(), checked_by = 'check'
     where id = ${issuer.id}::uuid`;
  if (before?.health !== 'unhealthy') {
    return;
  }
  await record(tx, { action: 'issuer.recovered', actor, id: issuer.id, name: issuer.name });
  const held = await tx.$queryRaw<Held[]>`
    update rotations r
       set hold = null, hold_detail = null, next_attempt_at = rekey_now(), phase_at = rekey_now()
      from credentials c
     where c.id = r.credential_id and c.issuer_id = ${issuer.id}::uuid
       and r.hold = 'issuer_unhealthy' and r.outcome is null
    returning r.id, r.credential_id, c.name as credential`;
  for (const { id: rotationId, credential_id: credentialId, credential } of held) {
    await record(tx, { action: 'rotation.resumed', actor, credentialId, credential, rotationId });
  }
}
