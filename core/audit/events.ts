import { z } from 'zod';

/** Who did it. The system acts for schedules and in the course of a rotation. */
export const actorSchema = z.object({
  kind: z.enum(['user', 'api_client', 'system']),
  id: z.string().nullable(),
  name: z.string(),
});

export type AuditActor = z.output<typeof actorSchema>;

const base = {
  actor: actorSchema,
  outcome: z.enum(['success', 'failure']).default('success'),
  requestId: z.string().optional(),
  address: z.string().optional(),
  reason: z.string().optional(),
};

const aboutCredential = { ...base, credentialId: z.uuid(), credential: z.string() };
const aboutRotation = { ...aboutCredential, rotationId: z.uuid() };

const change = <T extends string, S extends z.ZodRawShape>(action: T, more: S) =>
  z.object({ action: z.literal(action), ...base, ...more });
const credential = <T extends string, S extends z.ZodRawShape>(action: T, more: S) =>
  z.object({ action: z.literal(action), ...aboutCredential, ...more });
const rotation = <T extends string, S extends z.ZodRawShape>(action: T, more: S) =>
  z.object({ action: z.literal(action), ...aboutRotation, ...more });

const named = { id: z.uuid(), name: z.string(), kind: z.string() };
const reconfigured = {
  changes: z.array(z.object({ field: z.string(), from: z.string(), to: z.string() })),
  secrets: z.array(z.string()),
};
const version = { version: z.number().int(), fingerprint: z.string() };
/** What was asked for, as its line, and in which form it left. */
const exported = { query: z.string(), format: z.enum(['csv', 'jsonl', 'bundle']) };
/** Which list a view asks; events of views that had no other than the audit log lack it. */
const view = { id: z.uuid(), list: z.string().optional() };
const step = { phase: z.string(), attempt: z.number().int(), target: z.string().optional() };

/** Every event there is: `noun.past_tense`, and never a value of a secret. */
export const auditEventSchema = z.discriminatedUnion('action', [
  change('user.created', { email: z.string(), role: z.string() }),
  change('user.invited', { email: z.string(), role: z.string() }),
  change('user.password_chosen', {}),
  /** The next single sign-on with their e-mail is them; and it was, with an identity of this issuer. */
  change('user.identity_allowed', { email: z.string() }),
  change('user.identity_replaced', { email: z.string(), issuer: z.string() }),
  change('session.opened', {}),
  change('session.refused', { email: z.string() }),
  change('api_client.created', {
    id: z.uuid(),
    name: z.string(),
    role: z.string(),
    environments: z.array(z.string()).optional(),
    labels: z.array(z.string()).optional(),
  }),
  change('api_client.changed', {
    id: z.uuid(),
    name: z.string(),
    changes: z.array(z.object({ field: z.string(), from: z.string(), to: z.string() })),
  }),
  /** It got another secret; `previousEndsAt` is when the ones before end. */
  change('api_client.secret_issued', { id: z.uuid(), name: z.string(), previousEndsAt: z.string() }),
  change('api_client.secret_ended', { id: z.uuid(), name: z.string(), hint: z.string() }),
  change('api_client.revoked', { id: z.uuid(), name: z.string() }),
  change('api_client.refused', { id: z.uuid(), name: z.string() }),
  /** `of` names whose, where somebody else ended them or several were ended at once. */
  change('session.revoked', { of: z.string().optional(), sessions: z.number().int().optional() }),
  change('session.stepped_up', {}),
  change('session.step_up_refused', {}),
  change('second_factor.added', {}),
  change('second_factor.removed', { of: z.string().optional() }),
  /** Everybody must have one from now on, or need not any more. */
  change('second_factor.required', {}),
  change('second_factor.waived', {}),
  change('user.password_changed', {}),
  change('role.changed', { email: z.string(), from: z.string(), to: z.string() }),
  change('scope.changed', {
    email: z.string(),
    environments: z.array(z.string()),
    labels: z.array(z.string()),
  }),
  change('user.disabled', { email: z.string() }),
  change('user.enabled', { email: z.string() }),
  change('issuer.created', named),
  /** `secrets` names the secret fields that were given anew. */
  change('issuer.changed', { ...named, ...reconfigured }),
  change('issuer.marked_unhealthy', { id: z.uuid(), name: z.string() }),
  change('issuer.recovered', { id: z.uuid(), name: z.string() }),
  change('target.created', named),
  change('target.changed', { ...named, ...reconfigured }),
  change('issuer.archived', named),
  change('target.archived', named),
  change('notifier.created', named),
  change('notifier.changed', { ...named, ...reconfigured }),
  change('notifier.removed', named),
  change('webhook_endpoint.created', {
    id: z.uuid(),
    name: z.string(),
    /** Not the whole address: some hold what only the receiver should know. */
    host: z.string(),
    events: z.array(z.string()),
  }),
  change('webhook_endpoint.changed', {
    id: z.uuid(),
    name: z.string(),
    changes: z.array(z.object({ field: z.string(), from: z.string(), to: z.string() })),
  }),
  change('webhook_endpoint.enabled', { id: z.uuid(), name: z.string() }),
  change('webhook_endpoint.disabled', { id: z.uuid(), name: z.string() }),
  /** Rekey switched it off by itself: it took nothing for days, or said that it is gone. */
  change('webhook_endpoint.given_up', {
    id: z.uuid(),
    name: z.string(),
    because: z.enum(['failing', 'gone']),
  }),
  /** It got another signing secret; `previousEndsAt` is until when the ones before sign too. */
  change('webhook_endpoint.secret_rolled', { id: z.uuid(), name: z.string(), previousEndsAt: z.string() }),
  /** One message is sent again, or every event since a time. */
  change('webhook_endpoint.replayed', {
    id: z.uuid(),
    name: z.string(),
    webhookId: z.string().optional(),
    since: z.string().optional(),
  }),
  change('webhook_endpoint.removed', { id: z.uuid(), name: z.string() }),
  change('secret.looked_up', {
    found: z.array(z.object({ credential: z.string(), version: z.number().int() })),
  }),
  change('issuer.paused', { id: z.uuid(), name: z.string() }),
  change('issuer.unpaused', { id: z.uuid(), name: z.string() }),
  change('everything.paused', {}),
  change('everything.unpaused', {}),
  /** Every credential is named: those that are rotated, and those that were in the list and are not. */
  change('batch.started', {
    id: z.uuid(),
    credentials: z.array(z.string()),
    skipped: z.array(z.string()),
    maxConcurrency: z.number().int(),
    stopOnFailure: z.boolean(),
    listDigest: z.string(),
  }),
  /** Nothing of it starts any more; `credential` names the one that failed, where one did. */
  change('batch.stopped', { id: z.uuid(), credential: z.string().optional(), waiting: z.number().int() }),
  change('batch.resumed', { id: z.uuid(), waiting: z.number().int() }),
  change('batch.completed', {
    id: z.uuid(),
    completed: z.number().int(),
    failed: z.number().int(),
    skipped: z.number().int(),
  }),
  change('database.backed_up', { id: z.uuid(), rows: z.number().int() }),
  /** Out of a backup, as a copy, or because somebody says so; nothing runs until it is resumed. */
  change('database.restored', { how: z.enum(['backup', 'copy', 'hand']) }),
  /** Issuers and targets were asked what they have; the counts are of credentials. */
  change('database.compared', {
    same: z.number().int(),
    imported: z.number().int(),
    unproven: z.number().int(),
  }),
  /** `readBy` read the list of what was found. */
  change('database.resumed', { readBy: z.string(), unproven: z.number().int() }),
  change('audit.export_begun', exported),
  change('audit.exported', { ...exported, count: z.number().int() }),
  change('view.created', { ...view, name: z.string(), query: z.string() }),
  change('view.renamed', { ...view, name: z.string(), from: z.string() }),
  change('view.removed', { ...view, name: z.string(), query: z.string() }),
  change('policy.created', { id: z.uuid(), name: z.string() }),
  change('policy.changed', {
    id: z.uuid(),
    name: z.string(),
    changes: z.array(z.object({ field: z.string(), from: z.string(), to: z.string() })),
  }),
  /** `values` counts what was sealed with the other master keys when it began. */
  change('key.rotation_begun', { key: z.literal('master'), to: z.string(), values: z.number().int() }),
  /** The audit key signs from now on; the master key `from` seals no value any more. */
  change('key.rotated', { key: z.enum(['audit', 'master']), from: z.string(), to: z.string() }),
  change('audit.verified', {
    ok: z.boolean(),
    events: z.number().int(),
    /** The number of the last sealed event, and of its batch. */
    sealedThrough: z.object({ seq: z.number().int(), batch: z.number().int() }).optional(),
    firstBad: z.string().optional(),
  }),
  /** The events at these places of the sealed order went to an archive; `archive` is the SHA-256 of its file. */
  change('audit.detached', {
    before: z.string(),
    firstSeq: z.number().int(),
    lastSeq: z.number().int(),
    operator: z.string(),
    archive: z.string(),
  }),
  /** `made`: its first value was made here, and not taken over from somewhere. */
  credential('credential.created', { made: z.literal(true).optional() }),
  credential('credential.changed', {
    changes: z.array(z.object({ field: z.string(), from: z.string(), to: z.string() })),
  }),
  /** Its values were erased here; nothing outside was touched. */
  credential('credential.archived', {}),
  credential('credential.paused', {}),
  credential('credential.unpaused', {}),
  /** Whether values of the credential may be shown to people. */
  credential('reveal.allowed', {}),
  credential('reveal.forbidden', {}),
  /** Somebody had a version shown. */
  credential('secret.revealed', version),
  /** Before the target is given the version: what it was given is known, also where no binding comes of it. */
  credential('binding.begun', { ...version, target: z.string(), keys: z.array(z.string()) }),
  credential('binding.created', {
    target: z.string(),
    keys: z.array(z.string()),
    readsNext: z.boolean().optional(),
  }),
  credential('binding.changed', {
    target: z.string(),
    changes: z.array(z.object({ field: z.string(), from: z.string(), to: z.string() })),
  }),
  credential('binding.archived', { target: z.string(), keys: z.array(z.string()) }),
  /** An API client may fetch for a binding, or no longer. */
  credential('consumer.allowed', { target: z.string(), id: z.uuid(), name: z.string() }),
  credential('consumer.removed', { target: z.string(), id: z.uuid(), name: z.string() }),
  /** A consumer fetched a version for the first time, and said for the first time that it uses it. */
  credential('secret.fetched', { ...version, target: z.string(), slot: z.enum(['primary', 'next']) }),
  credential('secret.reported', { ...version, target: z.string() }),
  change('policy.enabled', {
    id: z.uuid(),
    name: z.string(),
    credentials: z.number().int(),
    /** The slot of the first run, where a person chose it. */
    first: z.string().optional(),
  }),
  change('policy.disabled', { id: z.uuid(), name: z.string() }),
  change('policy.archived', { id: z.uuid(), name: z.string(), credentials: z.number().int() }),
  credential('slot.moved', { from: z.string(), to: z.string() }),
  credential('policy.assigned', { policy: z.string(), first: z.string().optional() }),
  credential('policy.unassigned', { policy: z.string() }),
  rotation('rotation.requested', {
    strategy: z.string(),
    graceSeconds: z.number().int(),
    graceAfterUseSeconds: z.number().int().optional(),
    planDigest: z.string(),
    priority: z.enum(['breach', 'manual', 'scheduled']),
    ticket: z.string().optional(),
    slot: z.string().optional(),
  }),
  rotation('rotation.approved', { given: z.number().int(), needed: z.number().int() }),
  rotation('rotation.rejected', {}),
  rotation('rotation.approvals_voided', {}),
  rotation('rotation.approval_withdrawn', { of: z.string() }),
  rotation('rotation.started', {}),
  rotation('rotation.held', { hold: z.string(), detail: z.string().optional() }),
  rotation('rotation.resumed', { target: z.string().optional() }),
  /** A person had the next attempt made at once; `due` is when it would have come by itself. */
  rotation('rotation.tried_now', { phase: z.string(), due: z.string() }),
  rotation('rotation.promoted', version),
  rotation('rotation.completed', { gapSeconds: z.number().optional() }),
  rotation('rotation.cancelled', {}),
  /** It was ended as it stood; what may still work or lie where, by the numbers of versions. */
  rotation('rotation.abandoned', {
    atIssuer: z.array(z.number().int()),
    atTargets: z.array(z.object({ target: z.string(), versions: z.array(z.number().int()) })),
  }),
  rotation('rotation.superseded', { by: z.uuid() }),
  rotation('rotation.turned_back', {}),
  rotation('rotation.rolled_back', {}),
  /** The new version was seen in use, so that the overlap ends sooner than at its longest. */
  rotation('secret.seen_in_use', { ...version, until: z.string() }),
  rotation('rotation.extended', { until: z.string() }),
  /** `alone`: the glass was broken without a second person, because there was none. */
  rotation('rotation.hastened', { breakGlass: z.boolean(), alone: z.boolean().optional() }),
  /** A second person is asked to confirm that the old secret is revoked whatever the targets hold. */
  rotation('break_glass.asked', { until: z.string() }),
  rotation('break_glass.confirmed', { requestedBy: z.string() }),
  rotation('break_glass.refused', { requestedBy: z.string() }),
  rotation('break_glass.expired', {}),
  rotation('review.opened', {}),
  rotation('review.closed', { conclusion: z.string() }),
  rotation('step.begun', step),
  rotation('step.succeeded', step),
  rotation('step.failed', { ...step, error: z.string() }),
  rotation('secret.issued', version),
  rotation('secret.delivered', {
    ...version,
    target: z.string(),
    slot: z.enum(['primary', 'next']).optional(),
  }),
  rotation('secret.removed', { ...version, target: z.string(), slot: z.literal('next') }),
  rotation('secret.confirmed', {
    ...version,
    target: z.string(),
    level: z.string(),
    slot: z.enum(['primary', 'next']).optional(),
    /** A person vouches for it; the target was not asked. */
    byHand: z.boolean().optional(),
  }),
  rotation('secret.revoked', version),
  rotation('secret.proven_dead', version),
  rotation('secret.discarded', version),
  /** By the comparison with the issuer, which removes it next. A rotation removes its own without a word before. */
  rotation('orphan.found', { externalId: z.string() }),
  rotation('orphan.removed', { externalId: z.string() }),
  /** A newer secret than the restored database knew was read back from the issuer. */
  credential('secret.imported', version),
  credential('drift.found', { target: z.string().optional(), detail: z.string() }),
  credential('drift.ignored', { target: z.string().optional(), detail: z.string() }),
  credential('drift.cleared', { target: z.string().optional(), detail: z.string() }),
]);

export type AuditEvent = z.input<typeof auditEventSchema>;
export type AuditAction = AuditEvent['action'];
