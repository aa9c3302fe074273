import { z } from 'zod';
import { givenReason, id, instant, maybeReason, reason } from '#app/_doors/api/common.ts';
import { durationInput } from '#app/_doors/api/duration.ts';
import { pageOf, wholeList } from '#app/_doors/api/page.ts';
import { plan, presentPlan, shownRotation as shows } from '#app/_doors/api/rotation-shape.ts';
import { answering, type Call, changing } from '#app/_doors/api/route.ts';
import { abandonRotation } from '#core/rotation/abandon-rotation.ts';
import { approveRotation } from '#core/rotation/approve-rotation.ts';
import { breakGlass } from '#core/rotation/break-glass.ts';
import { cancelRotation } from '#core/rotation/cancel-rotation.ts';
import { closeReview } from '#core/rotation/close-review.ts';
import { confirmBinding } from '#core/rotation/confirm-binding.ts';
import { confirmBreakGlass } from '#core/rotation/confirm-break-glass.ts';
import { extendOverlap } from '#core/rotation/extend-overlap.ts';
import { holdRotation } from '#core/rotation/hold-rotation.ts';
import { listApprovals } from '#core/rotation/list-approvals.ts';
import { listBreakGlass } from '#core/rotation/list-break-glass.ts';
import { readApproval } from '#core/rotation/read-approval.ts';
import { refuseBreakGlass } from '#core/rotation/refuse-break-glass.ts';
import { rejectRotation } from '#core/rotation/reject-rotation.ts';
import { resumeRotation } from '#core/rotation/resume-rotation.ts';
import { retryRotation } from '#core/rotation/retry-rotation.ts';
import { revokeNow } from '#core/rotation/revoke-now.ts';
import { rollBackRotation } from '#core/rotation/roll-back-rotation.ts';
import { submitSecret } from '#core/rotation/submit-secret.ts';
import { tryNow } from '#core/rotation/try-now.ts';

const nothing = z.strictObject({});

const aPerson = 'Only a person decides: an API client is refused (409), whatever its role is.';
const freshToken = 'Takes a token that is younger than five minutes.';

/** An action on a rotation, at its own path. It answers the rotation as it stands afterwards. */
function action<Body extends z.ZodType<object>, Output>(declared: {
  name: string;
  calls: Call<{ rotationId: string } & z.output<Body>, Output>;
  body: Body;
  summary: string;
  description?: string;
}) {
  const { name, calls, body, ...rest } = declared;
  return changing({
    ...rest,
    method: 'POST',
    path: `/rotations/{rotationId}/${name}` as '/rotations/{rotationId}/action',
    operationId: calls.name.replace(/-(\w)/g, (_all, letter: string) => letter.toUpperCase()),
    tag: 'rotations',
    calls,
    body,
    input: ({ path, body: said }) => ({ ...said, ...path }),
    status: 200,
    shows,
    resource: (_output, { rotationId }) => rotationId,
  });
}

const approvalRow = z
  .object({
    rotationId: id,
    credential: z.string(),
    environment: z.string(),
    requestedBy: z.string(),
    requestedAt: instant,
    given: z.int(),
    needed: z.int(),
    until: instant.nullable(),
  })
  .meta({ id: 'ApprovalRow' });

const approval = z
  .object({
    rotationId: id,
    plan,
    requestedBy: z.string(),
    requestedAt: instant,
    reason: z.string().nullable(),
    ticket: z.string().nullable(),
    needed: z.int(),
    given: z.array(z.object({ name: z.string(), at: instant })),
    until: instant.nullable(),
    waits: z.boolean(),
    refusal: z.string().nullable().meta({ description: 'Why the caller may not decide.' }),
    approvers: z
      .array(z.string())
      .meta({ description: 'Who could decide by their role and their limits, and has not yet.' }),
  })
  .meta({ id: 'Approval' });

const glassRow = z
  .object({
    askId: id,
    rotationId: id,
    credentialId: id,
    credential: z.string(),
    environment: z.string(),
    state: z.enum(['asked', 'review_open']),
    requestedBy: z.string(),
    reason: z.string(),
    requestedAt: instant,
    until: instant.nullable(),
    brokenAt: instant.nullable(),
    confirmedBy: z.string().nullable().meta({ description: 'Null where nobody else was there.' }),
    refusal: z.string().nullable().meta({ description: 'Why the caller may not decide.' }),
  })
  .meta({ id: 'BreakGlass' });

/** What can be done about a rotation, and the approvals that some wait for. */
export const rotationActionRoutes = [
  action({
    name: 'hold',
    calls: holdRotation,
    body: maybeReason,
    summary: 'Stop a rotation where it is',
  }),
  action({
    name: 'resume',
    calls: resumeRotation,
    body: nothing,
    summary: 'Let a held rotation go on',
  }),
  action({
    name: 'retry',
    calls: retryRotation,
    body: z.strictObject({
      bindingId: id.optional().meta({ description: 'The one binding that is delivered to again.' }),
    }),
    summary: 'Deliver again at once, also where a target asked for time',
  }),
  action({
    name: 'try-now',
    calls: tryNow,
    body: nothing,
    summary: 'Make the next attempt now that would come by itself later',
    description:
      'It counts like any other, and interrupts nothing. Refused (409) while an issuer or a required target has said how long to wait.',
  }),
  action({
    name: 'cancel',
    calls: cancelRotation,
    body: maybeReason,
    summary: 'End a rotation that has changed nothing outside',
  }),
  action({
    name: 'roll-back',
    calls: rollBackRotation,
    body: maybeReason,
    summary: 'Turn a rotation back, before its point of no return',
  }),
  action({
    name: 'confirm',
    calls: confirmBinding,
    body: z.strictObject({ bindingId: id, reason }),
    summary: 'Vouch that a target has the secret; the target is not asked',
  }),
  changing({
    method: 'POST',
    path: '/rotations/{rotationId}/extend',
    operationId: 'extendOverlap',
    tag: 'rotations',
    summary: 'Let an overlap end later',
    calls: extendOverlap,
    body: z.strictObject({
      duration: durationInput.meta({ description: 'How long from now on both secrets shall still work.' }),
    }),
    input: ({ path, body }) => ({ ...path, end: { seconds: body.duration } }),
    status: 200,
    shows,
    resource: (_nothing, { rotationId }) => rotationId,
  }),
  action({
    name: 'revoke-now',
    calls: revokeNow,
    body: maybeReason,
    summary: 'End an overlap now: the old secret is revoked',
    description: freshToken,
  }),
  action({
    name: 'break-glass',
    calls: breakGlass,
    body: givenReason,
    summary: 'Ask to revoke the old secret although not every required target is confirmed',
    description: `What has not got the new one stops working. A person who is an approver or an admin confirms it within 30 minutes, in the console; \`breakGlass\` of the answer says how it stands. ${freshToken}`,
  }),
  action({
    name: 'abandon',
    calls: abandonRotation,
    body: givenReason,
    summary: 'End a held rotation as it stands, where it can be neither cancelled nor rolled back',
    description: `Nothing outside is touched. The event \`rotation.abandoned\` says what may still work at the issuer, and what each target may hold. ${freshToken}`,
  }),
  action({
    name: 'confirm-break-glass',
    calls: confirmBreakGlass,
    body: z.strictObject({ askId: id }),
    summary: 'Confirm that the glass is broken, as somebody else asked',
    description: aPerson,
  }),
  action({
    name: 'refuse-break-glass',
    calls: refuseBreakGlass,
    body: z.strictObject({ askId: id, reason }),
    summary: 'Refuse that the glass is broken, or take back what was asked for',
    description: `Whoever asked may take it back. ${aPerson}`,
  }),
  action({
    name: 'close-review',
    calls: closeReview,
    body: z.strictObject({ conclusion: z.string().trim().min(1).max(2000) }),
    summary: 'Close the review of a broken glass with what came of it',
    description: aPerson,
  }),
  action({
    name: 'submit-secret',
    calls: submitSecret,
    body: z.strictObject({
      secret: z.string().trim().min(1).max(65_536).meta({ format: 'password', writeOnly: true }),
    }),
    summary: 'Give the new secret of an assisted rotation; it is sealed once the issuer accepts it',
  }),
  action({
    name: 'approve',
    calls: approveRotation,
    body: z.strictObject({ digest: z.string().max(200).meta({ description: 'Of the plan that was read.' }) }),
    summary: 'Say yes to the plan of a rotation',
    description: aPerson,
  }),
  action({
    name: 'reject',
    calls: rejectRotation,
    body: givenReason,
    summary: 'Say no: the rotation is cancelled before anything was changed',
    description: aPerson,
  }),
  answering({
    method: 'GET',
    path: '/rotations/{rotationId}/approval',
    operationId: 'readApproval',
    tag: 'rotations',
    summary: 'The plan that waits for approval, and who has decided',
    calls: readApproval,
    input: ({ path }) => path,
    answers: approval,
    answer: ({ plan: planned, radius, ...rest }) => ({ ...rest, plan: presentPlan({ ...planned, radius }) }),
  }),
  answering({
    method: 'GET',
    path: '/approvals',
    operationId: 'listApprovals',
    tag: 'rotations',
    summary: 'The rotations that wait for approvals, the oldest first',
    calls: listApprovals,
    query: z.strictObject({ environment: z.string().max(200).optional() }),
    input: ({ query }) => query,
    answers: pageOf(approvalRow),
    answer: (rows) => wholeList(rows),
  }),
  answering({
    method: 'GET',
    path: '/break-glass',
    operationId: 'listBreakGlass',
    tag: 'rotations',
    summary: 'Where the glass is asked to be broken, and the open reviews of where it was',
    calls: listBreakGlass,
    query: z.strictObject({ credentialId: id.optional() }),
    input: ({ query }) => query,
    answers: pageOf(glassRow),
    answer: (rows) => wholeList(rows),
  }),
];
