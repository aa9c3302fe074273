import type { AuditActor } from '#core/audit/events.ts';
import { completeEvent } from '#core/audit/origin.ts';
import type { Plan } from '#core/rotation/plan.ts';

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

/** Runs a statement, inside a transaction or by itself. */
export type Run = (text: string, values: readonly unknown[]) => Promise<readonly unknown[]>;

/** After this nobody is asked any more, and the rotation is cancelled. */
const APPROVAL_HOURS = 72;

// The version to replace is read here, in the same statement: another rotation may have ended since the plan was made.
// Two requests at the same moment meet at the unique indexes: the second one stores nothing, and no event.
const INSERT = `
  with inserted as (
    insert into rotations (id, credential_id, slot, strategy, phase, priority, reason, requested_by, plan_digest,
                           grace_seconds, from_version, predicted_gap_seconds, supersedes, approvals_needed, hold,
                           deadline)
    values ($1::uuid, $2::uuid, $3::timestamptz, $4, 'preflight', $5, $6, $7::jsonb, $8, $9::integer,
            (select id from secret_versions where credential_id = $2::uuid and state = 'current'),
            $10::integer, $11::uuid, $13::integer, case when $13 > 0 then 'approval_pending' end,
            case when $13 > 0 then rekey_now() + make_interval(hours => ${APPROVAL_HOURS}) end)
    on conflict do nothing returning id)
  select record_event($12::jsonb) from inserted`;

/** Stores a new rotation and its event. False, and nothing stored: one is open already, or the slot was used. */
export async function insertRotation(run: Run, rotation: NewRotation): Promise<boolean> {
  const { id, plan, actor, priority, reason, slot, supersedes } = rotation;
  const { credentialId, strategy, graceSeconds, digest } = plan;
  const event = completeEvent({
    action: 'rotation.requested',
    actor,
    credentialId,
    credential: plan.credential,
    rotationId: id,
    strategy,
    graceSeconds,
    planDigest: digest,
    priority,
    reason,
    slot: slot?.toISOString(),
  });
  const stored = await run(INSERT, [
    id,
    credentialId,
    slot ?? null,
    strategy,
    priority,
    reason ?? null,
    JSON.stringify(actor),
    digest,
    graceSeconds,
    plan.gap.seconds,
    supersedes ?? null,
    JSON.stringify(event),
    // A breach waits for nobody.
    priority === 'breach' ? 0 : plan.approvals,
  ]);
  return stored.length > 0;
}
