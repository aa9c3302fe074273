import type { Claim } from '#core/rotation/commit-step.ts';
import { holds } from '#core/rotation/holds.ts';
import { db } from '#lib/db.ts';

/** A failure of the way to the database, which the next try after the lease may not meet again. */
export function isTransient(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const lost = error instanceof Error && /connection|timeout/i.test(error.message);
  // SQLSTATE classes 08 connection, 40 serialization, 53 resources, 57 operator intervention.
  return /^(08|40|53|57)/.test(code) || /^E[A-Z]+$/.test(code) || lost;
}

/**
 * Holds a rotation after an error that nothing foresaw, so that it does not repeat an effect for ever. It reads nothing
 * of the rotation, because that may be what fails; the error's own text goes to the log only.
 */
export async function holdUnexpected({ rotationId, fence }: Claim): Promise<void> {
  const event = {
    action: 'rotation.held',
    outcome: 'failure',
    actor: { kind: 'system', id: null, name: 'worker' },
    rotationId,
    hold: 'unexpected_error',
    detail: holds.unexpected_error.sentence,
  };
  await db().pool.query(
    `with held as (
       update rotations set hold = 'unexpected_error', hold_detail = null, lease_until = null
        where id = $1 and fence = $2 and outcome is null returning credential_id)
     select record_event($3::jsonb || jsonb_build_object('credentialId', c.id, 'credential', c.name))
       from held join credentials c on c.id = held.credential_id`,
    [rotationId, fence, JSON.stringify(event)],
  );
}
