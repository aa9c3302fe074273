import { z } from 'zod';
import { id, instant } from '#app/_doors/api/common.ts';
import { duration, maybeDuration } from '#app/_doors/api/duration.ts';
import type { Shown } from '#app/_doors/api/route.ts';
import { safeActions } from '#app/_doors/rotation-progress.ts';
import { actionWords, atOnceDoes, consequence, endedWords, isAsked, refusalOf } from '#app/_words/actions.ts';
import { standing } from '#app/_words/standing.ts';
import type { BlastRadius } from '#core/rotation/blast-radius.ts';
import type { Plan } from '#core/rotation/plan.ts';
import { type RotationView, readRotation } from '#core/rotation/read-rotation.ts';
import { hasEnded } from '#core/rotation/refusal.ts';
import { formatDuration } from '#lib/duration.ts';

const paused = z
  .string()
  .nullable()
  .meta({ description: 'What is paused, so that it waits: everything, issuer or credential.' });

/** A rotation in a list. */
export const rotationRow = z
  .object({
    id,
    credentialId: id,
    credential: z.string(),
    environment: z.string(),
    strategy: z.string(),
    phase: z.string(),
    direction: z.string(),
    outcome: z.string().nullable(),
    hold: z.string().nullable(),
    paused,
    priority: z.string(),
    requestedBy: z.string().nullable(),
    reason: z.string().nullable(),
    fromVersion: z.int().nullable(),
    toVersion: z.int().nullable(),
    overlapEndsAt: instant.nullable(),
    createdAt: instant,
    endedAt: instant.nullable(),
  })
  .meta({ id: 'RotationRow' });

const step = z.object({
  seq: z.int(),
  phase: z.string(),
  direction: z.string(),
  bindingId: id.nullable().meta({ description: 'Null for what is asked of the issuer, or of all together.' }),
  target: z.string().nullable(),
  attempt: z.int(),
  counts: z.boolean().meta({
    description:
      'False for an attempt from before the rotation was resumed, or begun anew; the others are counted.',
  }),
  result: z.string().nullable().meta({
    description:
      'ok, waiting, failed, or unknown: it failed and may have taken effect. Null: it is under way, or nobody knows.',
  }),
  error: z.string().nullable(),
  seconds: z.number().nullable(),
});

/** One rotation as it stands now. */
export const rotation = z
  .object({
    id,
    credentialId: id,
    credential: z.string(),
    issuer: z.string(),
    strategy: z.string(),
    phase: z.string(),
    direction: z.string(),
    outcome: z.string().nullable().meta({
      description: 'completed, rolled_back, cancelled, superseded or abandoned; null while it is open.',
    }),
    hold: z
      .object({
        reason: z.string(),
        sentence: z.string(),
        next: z.string().meta({ description: 'What to do.' }),
        detail: z.string().nullable(),
        actions: z
          .array(z.string())
          .meta({ description: 'Which actions are safe and can be done now, the first one first.' }),
      })
      .nullable(),
    standing: z.string().meta({ description: 'What state things are in, in a sentence.' }),
    paused,
    awaitsWorker: z.boolean().meta({ description: 'It could go on, and no worker has taken it up yet.' }),
    reason: z.string().nullable(),
    ticket: z.string().nullable().meta({ description: 'Where the work is written down.' }),
    requestedBy: z.string(),
    fromVersion: z.int().nullable(),
    toVersion: z.int().nullable(),
    provenDead: z.boolean().meta({
      description:
        'Whether the secret that goes out was tried afterwards and refused. Some issuers cannot be asked.',
    }),
    gracePeriod: duration,
    graceAfterUse: duration.nullable().meta({
      description:
        'So long after the new version was seen in use the overlap ends, at the latest after `gracePeriod`.',
    }),
    overlap: z.object({
      endsAt: instant.nullable(),
      newSeenAt: instant.nullable().meta({ description: 'When the new version was seen in use.' }),
    }),
    gap: z.object({
      predictedSeconds: z.number(),
      startedAt: instant.nullable(),
      measuredSeconds: z.number().nullable(),
    }),
    phases: z.array(z.string()),
    actions: z
      .array(
        z.object({
          action: z.string(),
          refusal: z.string().nullable().meta({ description: 'Why not now; null where it can be done.' }),
          does: z.string().nullable().meta({ description: 'What it would do now, where there is a choice.' }),
          undo: z.string().nullable().meta({ description: 'Whether there is a way back from it.' }),
        }),
      )
      .meta({
        description:
          'What can be done now, the harmless first, and why not what cannot. Each has a route of its own.',
      }),
    breakGlass: z
      .object({
        askId: id,
        state: z.string().meta({ description: 'asked, broken, refused or expired.' }),
        requestedBy: z.string(),
        reason: z.string(),
        until: instant,
        decidedBy: z.string().nullable(),
        refusedBecause: z.string().nullable(),
        conclusion: z.string().nullable().meta({ description: 'Of the review; null while it is open.' }),
        reviewedBy: z.string().nullable(),
      })
      .nullable()
      .meta({ description: 'The last time that somebody asked to break the glass.' }),
    targets: z.array(
      z.object({
        bindingId: id,
        name: z.string(),
        required: z.boolean(),
        needs: z.string(),
        level: z.string().nullable(),
        confirmedAt: instant.nullable(),
      }),
    ),
    steps: z.array(step),
    task: z
      .object({ link: z.string(), steps: z.array(z.string()) })
      .nullable()
      .meta({ description: 'What a person does on the vendor’s page.' }),
    createdAt: instant,
    endedAt: instant.nullable(),
    nextAttemptAt: instant.nullable(),
    lastEventId: z.string().meta({ description: 'The last audit event; it grows with every change.' }),
  })
  .meta({ id: 'Rotation' });

const order = ['submit_secret', ...Object.keys(actionWords)];

/** Each action, the harmless ones first, and what it would do as things stand: what the console says before it asks. */
function presentActions(view: RotationView): z.input<typeof rotation>['actions'] {
  const refusal = view.outcome === null ? refusalOf(view, 'break_glass') : hasEnded;
  const glass = { action: 'break_glass', refusal };
  const all = [...view.actions, glass].toSorted((a, b) => order.indexOf(a.action) - order.indexOf(b.action));
  return all.map(({ action, refusal }) => {
    if (refusal === null && isAsked(action)) {
      return { action, refusal, ...consequence(action, view) };
    }
    return { action, refusal, does: refusal === null ? atOnceDoes(action) : null, undo: null };
  });
}

const presentStanding = (view: RotationView) =>
  (view.outcome === null ? null : endedWords(view.outcome, view)) ?? standing(view);

/** A rotation as it is answered. */
export function presentRotation(view: RotationView): z.input<typeof rotation> {
  const { graceSeconds, graceAfterUseSeconds, newSeenAt, overlapEndsAt, ...others } = view;
  const { predictedGapSeconds, gapStartedAt, gapSeconds, ...rest } = others;
  return {
    ...rest,
    hold: view.hold === null ? null : { ...view.hold, actions: [...safeActions(view)] },
    standing: presentStanding(view),
    actions: presentActions(view),
    gracePeriod: formatDuration(graceSeconds),
    graceAfterUse: maybeDuration(graceAfterUseSeconds),
    overlap: { endsAt: overlapEndsAt, newSeenAt },
    gap: {
      predictedSeconds: predictedGapSeconds,
      startedAt: gapStartedAt,
      measuredSeconds: gapSeconds,
    },
  };
}

/** How a rotation is shown after a change of it. */
export const shownRotation = {
  answers: rotation,
  path: (rotationId) => `/rotations/${rotationId}`,
  read: async (actor, rotationId) => presentRotation(await readRotation(actor, { rotationId })),
} satisfies Shown<typeof rotation>;

/** What a rotation would do. */
export const plan = z
  .object({
    credentialId: id,
    credential: z.string(),
    issuer: z.string(),
    environment: z.string(),
    reasonRequired: z.boolean().meta({ description: 'Whether a person has to say why.' }),
    strategy: z.string(),
    why: z.string(),
    steps: z.array(z.object({ phase: z.string(), targets: z.array(z.string()) })),
    targets: z.array(
      z.object({ name: z.string(), kind: z.string(), required: z.boolean(), needs: z.string() }),
    ),
    fromVersion: z.int().nullable(),
    gracePeriod: duration,
    gap: z.object({
      seconds: z.number(),
      measured: z.boolean().meta({ description: 'From earlier rotations; otherwise an estimate.' }),
    }),
    graceAfterUse: duration.nullable(),
    seesUse: z.boolean().meta({ description: 'Whether it can be seen that the new version is in use.' }),
    deliverySeconds: z.number().meta({ description: 'How long a delivery usually takes.' }),
    pointOfNoReturn: z.string(),
    approvals: z.int(),
    digest: z.string().meta({ description: 'Names this plan; an approval is of it.' }),
    radius: z
      .object({
        targets: z.array(
          z.object({
            name: z.string(),
            method: z.string(),
            required: z.boolean(),
            redeploy: z.string(),
            needs: z.string(),
            environments: z.array(z.string()),
            verified: z.object({ version: z.int(), level: z.string(), at: instant }).nullable(),
          }),
        ),
        elsewhere: z.array(z.string()),
      })
      .meta({ description: 'Whom it reaches, and who is known to use the secret without being a target.' }),
  })
  .meta({ id: 'Plan' });

/** A plan as it is answered. */
export const presentPlan = ({
  graceSeconds,
  graceAfterUseSeconds,
  ...rest
}: Plan & { radius: BlastRadius }) => ({
  ...rest,
  gracePeriod: formatDuration(graceSeconds),
  graceAfterUse: maybeDuration(graceAfterUseSeconds),
});
