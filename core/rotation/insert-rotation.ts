import type { AuditActor } from '#core/audit/events.ts';
import { completeEvent } from '#core/audit/origin.ts';
import type { Plan } from '#core/rotation/plan.ts';

export interface NewRotation {
  id: string;
  plan: Plan;
  actor: AuditActor;
  priority: 'breach' | 'manual' | 'scheduled';
  reason?: string | undefined;
  ticket?: string | undefined;
  slot?: Date;
  /** Who chose the time of the slot. */
  chosenBy?: AuditActor | undefined;
  /** The open rotation that this one has just ended. */
  supersedes?: string | null;
  /** The gap of that one, which it leaves open. */
  gapStartedAt?: Date | null;
}

/** Runs a statement, inside a transaction or by itself. */
export type Run = (text: string, values: readonly unknown[]) => Promise<readonly unknown[]>;

/** After this nobody is asked any more, and the rotation is cancelled. */
const APPROVAL_HOURS = 72;

// The version to replace is read here, in the same statement: another rotation may have ended since the plan was made. Whoever
// archives a credential locks it against this, and of one that was archived meanwhile nothing is stored.
// Two requests at the same moment meet at the unique indexes: the second one stores nothing, and no event.
const INSERT = `
  with wanted as (
    select * from jsonb_to_recordset($1::jsonb) as w(
      id uuid, credential_id uuid, slot timestamptz, strategy text, priority text, reason text, ticket text, requested_by jsonb, chosen_by jsonb,
      plan_digest text, grace_seconds integer, after_use integer, delivery integer, gap integer, supersedes uuid, gap_started timestamptz, approvals integer, needs text,
      retry_attempts integer, retry_seconds integer, event jsonb)),
  there as (
    select w.* from wanted w join credentials c on c.id = w.credential_id where c.archived_at is null for key share of c),
  inserted as (
    insert into rotations (id, credential_id, slot, strategy, phase, priority, reason, ticket, requested_by, chosen_by, plan_digest,
                           grace_seconds, grace_after_use_seconds, delivery_seconds, from_version, predicted_gap_seconds, supersedes, gap_started_at, approvals_needed, hold,
                           deadline, needs, retry_attempts, retry_seconds)
    select id, credential_id, slot, strategy, 'preflight', priority, reason, ticket, requested_by, chosen_by, plan_digest, grace_seconds,
           after_use, delivery,
           (select v.id from secret_versions v where v.credential_id = w.credential_id and v.state = 'current'),
           gap, supersedes, gap_started, approvals, case when approvals > 0 then 'approval_pending' end,
           case when approvals > 0 then rekey_now() + make_interval(hours => ${APPROVAL_HOURS}) end,
           needs, retry_attempts, retry_seconds
      from there w
    on conflict do nothing returning id),
  recorded as (select record_events((select jsonb_agg(w.event) from wanted w join inserted using (id))))
  select id, (select count(*) from recorded) as events from inserted`;

function wantedOf(rotation: NewRotation) {
  const { id, plan, actor, priority, reason, ticket, slot, chosenBy, supersedes, gapStartedAt } = rotation;
  const { credentialId, strategy, graceSeconds, graceAfterUseSeconds, digest } = plan;
  const event = completeEvent({
    action: 'rotation.requested',
    actor,
    credentialId,
    credential: plan.credential,
    rotationId: id,
    strategy,
    graceSeconds,
    graceAfterUseSeconds: graceAfterUseSeconds ?? undefined,
    planDigest: digest,
    priority,
    reason,
    ticket,
    slot: slot?.toISOString(),
  });
  return {
    id,
    credential_id: credentialId,
    slot,
    strategy,
    priority,
    reason,
    ticket,
    requested_by: actor,
    chosen_by: chosenBy,
    plan_digest: digest,
    grace_seconds: graceSeconds,
    after_use: graceAfterUseSeconds,
    delivery: plan.deliverySeconds,
    gap: plan.gap.seconds,
    supersedes,
    gap_started: gapStartedAt,
    // A breach waits for nobody.
    approvals: priority === 'breach' ? 0 : plan.approvals,
    needs: plan.needs,
    retry_attempts: plan.retry.attempts,
    retry_seconds: plan.retry.seconds,
    event,
  };
}

/**
 * Stores new rotations and their events in one statement; answers the ids of those that were. One that is missing was not
 * stored, nor its event: one of its credential is open already, the slot was used, or the
 * credential is archived.
 */
export async function insertRotations(
  run: Run,
  rotations: readonly NewRotation[],
): Promise<ReadonlySet<string>> {
  const stored = await run(INSERT, [JSON.stringify(rotations.map(wantedOf))]);
  return new Set(stored.map((row) => (row as { id: string }).id));
}

/** Stores a new rotation and its event. False, and nothing stored: one is open already, the slot was used, or the credential is archived. */
export async function insertRotation(run: Run, rotation: NewRotation): Promise<boolean> {
  return (await insertRotations(run, [rotation])).has(rotation.id);
}
