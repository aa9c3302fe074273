import type { AuditActor } from '#core/audit/events.ts';
import { record } from '#core/audit/record.ts';
import type { Db } from '#lib/db.ts';

/**
 * An issuer answers as it should: it is called healthy. Stored with its event, and only a change is recorded. The rotations that
 * were held because it did not answer are let go on afterwards, by `releaseRotations`.
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
  if (before?.health === 'unhealthy') {
    await record(tx, { action: 'issuer.recovered', actor, id: issuer.id, name: issuer.name });
  }
}
