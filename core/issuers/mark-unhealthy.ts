import type { AuditActor } from '#core/audit/events.ts';
import { record } from '#core/audit/record.ts';
import { UNHEALTHY_AFTER } from '#core/outside/called-unhealthy.ts';
import type { Db } from '#lib/db.ts';

/**
 * An issuer does not answer a person's check as it should: it is called unhealthy, and rotations leave it alone until a probe
 * is answered. Stored with its event, by which notifiers tell of it; only a change is recorded.
 */
export async function markUnhealthy(
  tx: Db,
  issuer: { id: string; name: string },
  actor: AuditActor,
): Promise<void> {
  const [before] = await tx.$queryRaw<{ health: string }[]>`
    select health from issuers where id = ${issuer.id}::uuid for update`;
  await tx.$executeRaw`
    update issuers
       set health = 'unhealthy', failures = greatest(failures, ${UNHEALTHY_AFTER}::integer),
           checked_at = rekey_now(), checked_by = 'failed_check'
     where id = ${issuer.id}::uuid`;
  if (before?.health !== 'unhealthy') {
    const about = { actor, id: issuer.id, name: issuer.name };
    await record(tx, { action: 'issuer.marked_unhealthy', outcome: 'failure', ...about });
  }
}
