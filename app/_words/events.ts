import { duration } from '#app/_components/format-time.ts';
import { roleWord } from '#app/_words/roles.ts';
import { count, levelWord, phaseWord, strategyWord } from '#app/_words/rotation.ts';
import type { AuditAction } from '#core/audit/events.ts';

type Body = Readonly<Record<string, unknown>>;

const text = (body: Body, field: string) => String(body[field] ?? '—');
/** `1 row`, `3 rows`; an event that does not say how many has a dash. */
const counted = (body: Body, field: string, one: string) =>
  typeof body[field] === 'number' ? count(body[field], one) : `— ${one}s`;
const attempt = (body: Body) => (Number(body.attempt) > 1 ? `, attempt ${text(body, 'attempt')}` : '');
const at = (body: Body) => (body.target === undefined ? '' : ` at ${text(body, 'target')}`);
const step = (body: Body) => `${phaseWord(text(body, 'phase'))}${at(body)}`;
const slot = (body: Body) => (body.slot === 'next' ? ' as NEXT' : '');
const ofList = (body: Body) => (body.list === 'credentials' ? ' of credentials' : '');
/** What a person gave as the reason, where one was given. */
const because = (body: Body) => (typeof body.reason === 'string' ? ` Reason: ${body.reason}` : '');
const version = (body: Body) => `v${text(body, 'version')}`;

/** What is otherwise than before, field by field. */
function changes(body: Body): string {
  const list = Array.isArray(body.changes) ? body.changes : [];
  const fields = list.map(({ field, from, to }) => `${field} from ${from} to ${to}`).join(', ');
  return fields === '' ? '' : `: ${fields}`;
}

const versions = (value: unknown, last: string) =>
  Array.isArray(value) && value.length > 0 ? value.map((n) => `v${n}`).join(last) : 'none of ours';

/** What an abandoned rotation leaves: which versions may work, and what each target may hold. */
function leftBehind({ atIssuer, atTargets }: Body): string {
  const targets = Array.isArray(atTargets) ? atTargets : [];
  const held = targets.map(({ target, versions: of }) => `${target} holds ${versions(of, ' or ')}`);
  return [`May still work at the issuer: ${versions(atIssuer, ', ')}`, ...held].join('; ');
}

const asked = (body: Body) => (body.query === '' ? 'the whole audit log' : `“${text(body, 'query')}”`);
const formatWords: Readonly<Record<string, string>> = {
  csv: 'CSV',
  jsonl: 'JSONL',
  bundle: 'an evidence bundle',
};
const formatWord = (body: Body) => formatWords[text(body, 'format')] ?? text(body, 'format');

const list = (value: unknown) => (Array.isArray(value) ? value.join(', ') : String(value ?? '—'));

/** What happened, without who did it: that stands in a column of its own. */
const sentences: Record<AuditAction, (body: Body) => string> = {
  'user.invited': (body) => `Made another link for ${text(body, 'email')} to choose a password.`,
  'user.created': (body) => `Added the user ${text(body, 'email')} as ${roleWord(text(body, 'role'))}.`,
  'user.password_chosen': () => 'Chose a password.',
  'user.identity_allowed': (body) =>
    `Allowed ${text(body, 'email')} a new identity, at their next single sign-on.`,
  'user.identity_replaced': (body) =>
    `Gave ${text(body, 'email')} the new identity that they came with, of ${text(body, 'issuer')}; it is their only way in.`,
  'session.opened': () => 'Signed in.',
  'api_client.created': (body) =>
    `Added the API client ${text(body, 'name')} as ${roleWord(text(body, 'role'))}.`,
  'api_client.changed': (body) => `Changed the API client ${text(body, 'name')}${changes(body)}.`,
  'api_client.secret_issued': (body) =>
    `Made another secret for the API client ${text(body, 'name')}; the ones before end ${text(body, 'previousEndsAt')}.`,
  'api_client.secret_ended': (body) =>
    `Ended the secret …${text(body, 'hint')} of the API client ${text(body, 'name')}.`,
  'api_client.revoked': (body) => `Revoked the API client ${text(body, 'name')}.${because(body)}`,
  'api_client.refused': (body) => `Refused a token to the API client ${text(body, 'name')}.`,
  'webhook_endpoint.created': (body) =>
    `Added the webhook endpoint ${text(body, 'name')} at ${text(body, 'host')} for ${list(body.events)}.`,
  'webhook_endpoint.changed': (body) => `Changed the webhook endpoint ${text(body, 'name')}${changes(body)}.`,
  'webhook_endpoint.enabled': (body) => `Switched the webhook endpoint ${text(body, 'name')} on.`,
  'webhook_endpoint.disabled': (body) => `Switched the webhook endpoint ${text(body, 'name')} off.`,
  'webhook_endpoint.given_up': (body) =>
    body.because === 'gone'
      ? `Switched the webhook endpoint ${text(body, 'name')} off: it says that it is gone.`
      : `Switched the webhook endpoint ${text(body, 'name')} off: it took nothing for days.`,
  'webhook_endpoint.secret_rolled': (body) =>
    `Made another signing secret for the webhook endpoint ${text(body, 'name')}; the ones before sign until ${text(body, 'previousEndsAt')}.`,
  'webhook_endpoint.replayed': (body) =>
    body.since === undefined
      ? `Had the message ${text(body, 'webhookId')} sent again to the webhook endpoint ${text(body, 'name')}.`
      : `Had every event since ${text(body, 'since')} sent again to the webhook endpoint ${text(body, 'name')}.`,
  'webhook_endpoint.removed': (body) => `Removed the webhook endpoint ${text(body, 'name')}.`,
  'session.refused': (body) => `Was refused to sign in as ${text(body, 'email')}.${because(body)}`,
  'session.revoked': (body) =>
    body.of === undefined
      ? 'Signed out.'
      : `Ended ${body.sessions === 1 ? 'one session' : `${text(body, 'sessions')} sessions`} of ${text(body, 'of')}.`,
  'session.stepped_up': () => 'Proved again who they are.',
  'session.step_up_refused': (body) =>
    `Gave a wrong password or code when asked to prove again who they are.${because(body)}`,
  'second_factor.added': () => 'Added a second factor.',
  'second_factor.removed': (body) =>
    body.of === undefined
      ? 'Removed their second factor.'
      : `Removed the second factor of ${text(body, 'of')}.`,
  'second_factor.required': () => 'Made a second factor required for everybody.',
  'second_factor.waived': () => 'Made a second factor optional again.',
  'user.password_changed': () => 'Changed their password; their other sessions ended.',
  'role.changed': (body) =>
    `Changed the role of ${text(body, 'email')} from ${roleWord(text(body, 'from'))} to ${roleWord(text(body, 'to'))}.`,
  'scope.changed': (body) => {
    const lists = [body.environments, body.labels].map((list) =>
      Array.isArray(list) ? list.join(', ') : '',
    );
    const [environments = '', labels = ''] = lists;
    const to = [environments && `the environments ${environments}`, labels && `the labels ${labels}`];
    return to.some(Boolean)
      ? `Limited ${text(body, 'email')} to ${to.filter(Boolean).join(' and ')}.`
      : `Took the limits from ${text(body, 'email')}.`;
  },
  'user.disabled': (body) => `Disabled ${text(body, 'email')}; their sessions ended at once.`,
  'user.enabled': (body) => `Enabled ${text(body, 'email')} again.`,
  'issuer.created': (body) => `Added the issuer ${text(body, 'name')}.`,
  'issuer.changed': (body) => `Changed the issuer ${text(body, 'name')}${changes(body)}.`,
  'issuer.marked_unhealthy': (body) =>
    `${text(body, 'name')} does not answer as it should and is called unhealthy; its rotations are held.`,
  'issuer.recovered': (body) => `${text(body, 'name')} answers again.`,
  'issuer.paused': (body) => `Paused the issuer ${text(body, 'name')}.${because(body)}`,
  'issuer.unpaused': (body) => `Let the issuer ${text(body, 'name')} go on.`,
  'everything.paused': (body) => `Paused everything.${because(body)}`,
  'everything.unpaused': () => 'Let everything go on.',
  'database.backed_up': (body) => `Made a backup of ${counted(body, 'rows', 'row')}.`,
  'database.restored': (body) => `Stopped everything: the database was restored.${because(body)}`,
  'database.compared': (body) =>
    `Compared issuers and targets with the restored database: ${counted(body, 'same', 'credential')} as stored, ${text(body, 'imported')} with a newer secret, ${text(body, 'unproven')} not proven.`,
  'database.resumed': (body) =>
    `Let everything go on after a restore; ${text(body, 'readBy')} read what was found. ${Number(body.unproven) === 1 ? '1 credential stays' : `${text(body, 'unproven')} credentials stay`} paused.`,
  'audit.export_begun': (body) => `Began to export ${asked(body)} as ${formatWord(body)}.`,
  'audit.exported': (body) =>
    body.outcome === 'failure'
      ? `The export of ${asked(body)} as ${formatWord(body)} broke off after ${counted(body, 'count', 'event')}.`
      : `Exported ${asked(body)} as ${formatWord(body)}: ${counted(body, 'count', 'event')}.`,
  'batch.started': (body) =>
    `Started a batch that rotates ${count(Array.isArray(body.credentials) ? body.credentials.length : 0, 'credential')}, ${text(body, 'maxConcurrency')} at a time.${because(body)}`,
  'batch.stopped': (body) =>
    `Stopped a batch; ${text(body, 'waiting')} of its credentials were not started.${because(body)}`,
  'batch.resumed': (body) =>
    Number(body.waiting) === 1
      ? 'Let a batch go on with the one credential that waits.'
      : `Let a batch go on with the ${text(body, 'waiting')} credentials that wait.`,
  'batch.completed': (body) =>
    `A batch ended: ${text(body, 'completed')} completed, ${text(body, 'failed')} failed, ${text(body, 'skipped')} skipped.`,
  'view.created': (body) => `Saved the view ${text(body, 'name')}${ofList(body)}.`,
  'view.renamed': (body) => `Renamed the view ${text(body, 'from')}${ofList(body)} to ${text(body, 'name')}.`,
  'view.removed': (body) => `Removed the view ${text(body, 'name')}${ofList(body)}.`,
  'credential.paused': (body) => `Paused this credential.${because(body)}`,
  'credential.unpaused': () => 'Let this credential go on.',
  'reveal.allowed': () => 'Allowed values of this credential to be shown, each version once.',
  'reveal.forbidden': () => 'Forbade values of this credential to be shown.',
  'secret.revealed': (body) => `Had the value of ${version(body)} shown.${because(body)}`,
  'key.rotation_begun': (body) =>
    `Began to seal ${counted(body, 'values', 'value')} with the master key ${text(body, 'to')}.`,
  'key.rotated': (body) =>
    body.key === 'master'
      ? `Every value that the master key ${text(body, 'from')} had sealed is sealed with ${text(body, 'to')}.`
      : `The key that seals the audit log is now ${text(body, 'to')}; before it was ${text(body, 'from')}.`,
  'audit.verified': (body) =>
    body.ok === true
      ? `Verified ${counted(body, 'events', 'event')} of the audit log: nothing was altered.`
      : `Verified the audit log and found that ${text(body, 'firstBad')}.`,
  'audit.detached': (body) =>
    `Took the events at the places ${text(body, 'firstSeq')} to ${text(body, 'lastSeq')} of the audit log to an archive; their hashes stay.`,
  'target.created': (body) => `Added the target ${text(body, 'name')}.`,
  'target.changed': (body) => `Changed the target ${text(body, 'name')}${changes(body)}.`,
  'issuer.archived': (body) => `Archived the issuer ${text(body, 'name')}.`,
  'target.archived': (body) => `Archived the target ${text(body, 'name')}.`,
  'notifier.changed': (body) => `Changed the notifier ${text(body, 'name')}${changes(body)}.`,
  'notifier.created': (body) => `Added the notifier ${text(body, 'name')}.`,
  'notifier.removed': (body) => `Removed the notifier ${text(body, 'name')}.`,
  'policy.created': (body) => `Added the policy ${text(body, 'name')}.`,
  'credential.created': (body) =>
    body.made === true
      ? `Created ${text(body, 'credential')}; its first value was made here.`
      : `Imported ${text(body, 'credential')}.`,
  'credential.changed': (body) => `Changed ${text(body, 'credential')}${changes(body)}.`,
  'credential.archived': (body) =>
    `Archived ${text(body, 'credential')}: its values were erased here, and nothing outside was touched.`,
  'binding.begun': (body) =>
    `Began to bind ${text(body, 'credential')} to ${text(body, 'target')}, which is given ${version(body)}.`,
  'binding.created': (body) => `Bound ${text(body, 'credential')} to ${text(body, 'target')}.`,
  'binding.changed': (body) =>
    `Changed how ${text(body, 'credential')} is delivered to ${text(body, 'target')}${changes(body)}.`,
  'binding.archived': (body) => `Unbound ${text(body, 'credential')} from ${text(body, 'target')}.`,
  'policy.enabled': (body) => `Switched the policy ${text(body, 'name')} on.`,
  'policy.disabled': (body) => `Switched the policy ${text(body, 'name')} off.`,
  'policy.archived': (body) => `Archived the policy ${text(body, 'name')}.`,
  'slot.moved': (body) => `Moved the next rotation of ${text(body, 'credential')} to another time.`,
  'policy.assigned': (body) => `Gave ${text(body, 'credential')} the policy ${text(body, 'policy')}.`,
  'rotation.requested': (body) =>
    `Asked for a rotation of ${text(body, 'credential')}, ${strategyWord(text(body, 'strategy')).toLowerCase()}.`,
  'policy.changed': (body) => `Changed the policy ${text(body, 'name')}${changes(body)}.`,
  'policy.unassigned': (body) => `Took the credential from the policy ${text(body, 'policy')}.`,
  'rotation.approved': (body) => `Approved the plan (${text(body, 'given')} of ${text(body, 'needed')}).`,
  'rotation.rejected': (body) => `Rejected the plan; the rotation is cancelled.${because(body)}`,
  'rotation.approvals_voided': () => 'The plan has changed since it was approved, so it is asked for again.',
  'rotation.approval_withdrawn': (body) =>
    `Took back the approval of ${text(body, 'of')}, who may approve no longer.`,
  'rotation.started': () => 'The rotation started.',
  'rotation.held': (body) =>
    body.detail === undefined
      ? `Held the rotation.${because(body)}`
      : `The rotation is held: ${text(body, 'detail')}`,
  'rotation.resumed': (body) =>
    body.target === undefined
      ? 'Resumed the rotation.'
      : `Had it delivered to ${text(body, 'target')} again.`,
  'rotation.tried_now': (body) =>
    `Had ${phaseWord(text(body, 'phase')).toLowerCase()} tried at once, before its time.`,
  'rotation.promoted': (body) => `${version(body)} became the current version.`,
  'rotation.completed': (body) =>
    typeof body.gapSeconds === 'number'
      ? `The rotation is complete, with a gap of ${duration(body.gapSeconds)}.`
      : 'The rotation is complete.',
  'rotation.cancelled': (body) => `The rotation was cancelled.${because(body)}`,
  'rotation.abandoned': (body) => `Abandoned the rotation as it stood. ${leftBehind(body)}.${because(body)}`,
  'rotation.superseded': () => 'The rotation was ended by another one, because of a breach.',
  'rotation.turned_back': (body) => `Turned the rotation back.${because(body)}`,
  'rotation.rolled_back': () => 'The rotation was rolled back.',
  'secret.seen_in_use': (body) =>
    `${version(body)} was seen in use: the overlap ends at ${text(body, 'until')}.`,
  'rotation.extended': (body) => `Extended the overlap until ${text(body, 'until')}.`,
  'rotation.hastened': (body) =>
    body.breakGlass === true
      ? `Broke the glass${body.alone === true ? ' alone' : ''}: the old secret is revoked although not every target is confirmed.${because(body)}`
      : `Ended the overlap.${because(body)}`,
  'break_glass.asked': (body) =>
    `Asked to break the glass; a second person may confirm it until ${text(body, 'until')}.${because(body)}`,
  'break_glass.confirmed': (body) => `Confirmed breaking the glass, as ${text(body, 'requestedBy')} asked.`,
  'break_glass.refused': (body) =>
    `Refused to break the glass, as ${text(body, 'requestedBy')} had asked.${because(body)}`,
  'break_glass.expired': (body) => `Breaking the glass is no longer asked for.${because(body)}`,
  'review.opened': () => 'The broken glass waits for a review.',
  'review.closed': (body) => `Closed the review of the broken glass: ${text(body, 'conclusion')}`,
  'step.begun': (body) => `${step(body)} began${attempt(body)}.`,
  'step.succeeded': (body) => `${step(body)} succeeded${attempt(body)}.`,
  'step.failed': (body) => `${step(body)} failed${attempt(body)}: ${text(body, 'error')}`,
  'secret.looked_up': (body) => {
    if (body.outcome === 'failure') {
      return `Was refused to look up a value.${because(body)}`;
    }
    const found = Array.isArray(body.found) ? body.found : [];
    const names = found.map(({ credential, version: n }) => `${credential} v${n}`).join(', ');
    return `Looked up a pasted value: ${found.length === 0 ? 'it is no secret of ours' : `it is ${names}`}.`;
  },
  'secret.issued': (body) => `${version(body)} was issued.`,
  'secret.delivered': (body) => `${version(body)} was delivered to ${text(body, 'target')}${slot(body)}.`,
  'secret.confirmed': (body) =>
    body.byHand === true
      ? `Vouched that ${text(body, 'target')} has ${version(body)}${slot(body)}.${because(body)}`
      : `${text(body, 'target')} has ${version(body)}${slot(body)}: ${levelWord(text(body, 'level')).toLowerCase()}.`,
  'consumer.allowed': (body) =>
    `Allowed the API client ${text(body, 'name')} to fetch from ${text(body, 'target')}.`,
  'consumer.removed': (body) =>
    `Took from the API client ${text(body, 'name')} the right to fetch from ${text(body, 'target')}.`,
  'secret.fetched': (body) => `${version(body)} was fetched from ${text(body, 'target')}${slot(body)}.`,
  'secret.reported': (body) => `The consumer at ${text(body, 'target')} says that it uses ${version(body)}.`,
  'secret.removed': (body) => `NEXT was removed from ${text(body, 'target')}.`,
  'secret.revoked': (body) => `${version(body)} was revoked.`,
  'secret.proven_dead': (body) => `${version(body)} was tried and refused: it is proven dead.`,
  'secret.discarded': (body) => `${version(body)} was discarded.`,
  'orphan.found': (body) =>
    `A secret that a rotation left behind (${text(body, 'externalId')}) was found at the issuer.`,
  'orphan.removed': (body) =>
    `A secret that nobody knew (${text(body, 'externalId')}) was removed at the issuer.`,
  'secret.imported': (body) =>
    `${version(body)} was read back from the issuer, newer than the restored database knew.`,
  'drift.found': (body) => text(body, 'detail'),
  'drift.ignored': (body) => `Left a finding as it is: ${text(body, 'detail')}${because(body)}`,
  'drift.cleared': (body) => text(body, 'detail'),
};

/** An audit event as a sentence; an action this version does not know, as it is called. */
export function sentenceOf(action: string, body: Body): string {
  const found = Object.entries(sentences).find(([name]) => name === action)?.[1];
  return found === undefined ? action : found(body);
}

/** What an event is about: a credential, or the thing or person it names. */
export function objectOf(body: Body): string | null {
  const name = body.credential ?? body.name ?? body.email;
  return typeof name === 'string' ? name : null;
}
