import type { AuditActor } from '#core/audit/events.ts';
import { record } from '#core/audit/record.ts';
import type { Plan } from '#core/rotation/plan.ts';
import type { Db } from '#lib/db.ts';

interface NewRotation {
  id: string;
  plan: Plan;
  actor: AuditActor;
  priority: 'breach' | 'manual' | 'scheduled';
  reason?: string | undefined;
  slot?: Date;
  /** The open rotation that this one has just ended. */
  supersedes?: string;
}

/** Stores a new rotation and its event. False, and nothing stored: one is open already, or the slot was used. */
export async function insertRotation(tx: Db, rotation: NewRotation): Promise<boolean> {
  const { id, plan, actor, priority, reason, slot, supersedes } = rotation;
  // The version to replace is read here, in the same statement: another rotation may have ended since the plan was made.
  // Two requests at the same moment meet at the unique indexes: the second one stores nothing.
  const inserted = await tx.$executeRaw`
    insert into rotations (id, credential_id, slot, strategy, phase, priority, reason, requested_by, plan_digest,
                           grace_seconds, from_version, predicted_gap_seconds, supersedes)
    values (${id}::uuid, ${plan.credentialId}::uuid, ${slot ?? null}, ${plan.strategy}, 'preflight', ${priority},
            ${reason ?? null}, ${JSON.stringify(actor)}::jsonb, ${plan.digest}, ${plan.graceSeconds},
            (select id from secret_versions where credential_id = ${plan.credentialId}::uuid and state = 'current'),
            ${plan.gap.seconds}, ${supersedes ?? null}::uuid)
    on conflict do nothing`;
  if (inserted === 0) {
    return false;
  }
  await record(tx, {
    action: 'rotation.requested',
    actor,
    credentialId: plan.credentialId,
    credential: plan.credential,
    rotationId: id,
    strategy: plan.strategy,
    graceSeconds: plan.graceSeconds,
    planDigest: plan.digest,
    priority,
    ...(reason === undefined ? {} : { reason }),
    ...(slot === undefined ? {} : { slot: slot.toISOString() }),
  });
  return true;
}
