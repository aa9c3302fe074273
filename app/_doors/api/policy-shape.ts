import { z } from 'zod';
import { id } from '#app/_doors/api/common.ts';
import { duration, durationInput } from '#app/_doors/api/duration.ts';
import type { Shown } from '#app/_doors/api/route.ts';
import { levels } from '#core/outside/levels.ts';
import { retryLimits } from '#core/outside/retry-limits.ts';
import { readPolicy } from '#core/policies/read-policy.ts';
import { formatDuration } from '#lib/duration.ts';

const window = z.object({
  days: z.array(z.int().min(0).max(6)).meta({ description: '0 is Sunday.' }),
  from: z.string().meta({ examples: ['22:00'] }),
  to: z.string().meta({ examples: ['04:00'] }),
  timeZone: z
    .string()
    .max(100)
    .meta({ examples: ['Europe/Berlin'] }),
});

const blackout = z.object({
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
  reason: z.string().max(200),
});

const cron = z.object({
  cron: z
    .string()
    .max(200)
    .meta({ examples: ['0 3 1 * *'] }),
  timeZone: z.string().max(100),
});

/** One policy. */
export const policy = z
  .object({
    id,
    name: z.string(),
    rhythm: z.union([z.object({ interval: duration }), cron]),
    gracePeriod: duration,
    graceAfterUse: duration.nullable().meta({
      description:
        'So long after the new version was seen in use the overlap ends, at the latest after `gracePeriod`.',
    }),
    approvals: z.int().meta({ description: 'How many people beside the requester have to approve.' }),
    window: window.nullable().meta({ description: 'When rotations may start; null for at any time.' }),
    blackouts: z.array(blackout).meta({ description: 'When nothing starts.' }),
    jitter: duration.meta({ description: 'How far the credentials of one slot are spread.' }),
    minSpacing: duration.meta({ description: 'So far apart scheduled rotations start at one issuer.' }),
    maxAge: duration.nullable().meta({ description: 'A secret older than this is told of; null for never.' }),
    ageBringsForward: z.boolean().meta({ description: 'The next slot is brought forward to `maxAge`.' }),
    renewBefore: duration.nullable().meta({
      description: 'A slot is due so long before a secret expires; null where expiry does not matter.',
    }),
    needs: z.enum(levels).nullable().meta({
      description: 'The least that required targets must show; null: each binding says its own.',
    }),
    retryAttempts: z.int().meta({ description: 'A step that failed so often is held.' }),
    retryFor: duration.meta({ description: 'A step that has been tried for so long is held.' }),
    notifierIds: z
      .array(id)
      .meta({ description: 'Who is told of its credentials; empty for all notifiers.' }),
    enabled: z.boolean().meta({ description: 'Where it is false, nothing rotates by it.' }),
    credentials: z.int().meta({ description: 'How many have it, of those that the caller may see.' }),
  })
  .meta({ id: 'Policy' });

type PolicyRow = Omit<Awaited<ReturnType<typeof readPolicy>>, 'version' | 'first'>;

const maybeDuration = (seconds: number | null) => (seconds === null ? null : formatDuration(seconds));

/** A policy as it is answered. */
export function presentPolicy({
  intervalSeconds,
  cron: expression,
  timeZone,
  graceSeconds,
  graceAfterUseSeconds,
  rules,
  ...rest
}: PolicyRow) {
  return {
    ...rest,
    rhythm:
      expression === null
        ? { interval: formatDuration(intervalSeconds ?? 0) }
        : { cron: expression, timeZone },
    gracePeriod: formatDuration(graceSeconds),
    graceAfterUse: maybeDuration(graceAfterUseSeconds),
    window: rules.window,
    blackouts: rules.blackouts,
    jitter: formatDuration(rules.jitterSeconds),
    minSpacing: formatDuration(rest.minSpacingSeconds),
    maxAge: maybeDuration(rest.maxAgeSeconds),
    renewBefore: maybeDuration(rest.renewBeforeSeconds),
    retryFor: formatDuration(rest.retrySeconds),
  };
}

/** How a policy is shown after a change of it. */
export const shownPolicy = {
  answers: policy,
  path: (policyId) => `/policies/${policyId}`,
  read: async (actor, policyId) => presentPolicy(await readPolicy(actor, { policyId })),
} satisfies Shown<typeof policy>;

const rhythmBody = z.union([z.strictObject({ interval: durationInput }), z.strictObject(cron.shape)]);

const rules = {
  window: z.strictObject(window.shape).nullable().default(null),
  blackouts: z.array(z.strictObject(blackout.shape)).max(50).default([]),
  jitter: durationInput.prefault('PT0S'),
};

/** What a policy says. A field that is left out has its default, also where a policy is changed. */
export const policyBody = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    rhythm: rhythmBody.meta({ description: 'A fixed distance, or a cron expression with its time zone.' }),
    gracePeriod: durationInput.meta({ description: 'How long the old version is kept; at most P90D.' }),
    graceAfterUse: durationInput.nullable().default(null).meta({
      description: 'At the least PT1M; it needs an issuer or consumers that say which version is in use.',
    }),
    approvals: z.int().min(0).max(2).default(0),
    ...rules,
    minSpacing: durationInput.prefault('PT0S'),
    maxAge: durationInput.nullable().default(null),
    ageBringsForward: z.boolean().default(false),
    renewBefore: durationInput.nullable().default(null),
    needs: z.enum(levels).nullable().default(null),
    retryAttempts: z
      .int()
      .min(retryLimits.attempts.least)
      .max(retryLimits.attempts.most)
      .default(retryLimits.attempts.most),
    retryFor: durationInput.prefault(formatDuration(retryLimits.seconds.most)),
    notifierIds: z.array(id).max(50).default([]),
  })
  .meta({ id: 'PolicyBody' });

/** A rhythm whose slots are asked for. */
export const previewBody = z.strictObject({
  rhythm: rhythmBody,
  ...rules,
  count: z.int().min(1).max(20).default(5),
});

/** A rhythm as core knows it. */
export const rhythmOf = (rhythm: z.output<typeof rhythmBody>) =>
  'interval' in rhythm ? { intervalSeconds: rhythm.interval } : rhythm;

/** The rules as core knows them. */
export const rulesOf = ({
  window,
  blackouts,
  jitter,
}: Pick<z.output<typeof policyBody>, 'window' | 'blackouts' | 'jitter'>) => ({
  window,
  blackouts,
  jitterSeconds: jitter,
});

/** A policy as core is asked for it. */
export const wishOf = (body: z.output<typeof policyBody>) => ({
  name: body.name,
  rhythm: rhythmOf(body.rhythm),
  graceSeconds: body.gracePeriod,
  graceAfterUseSeconds: body.graceAfterUse,
  approvals: body.approvals,
  rules: rulesOf(body),
  minSpacingSeconds: body.minSpacing,
  maxAgeSeconds: body.maxAge,
  ageBringsForward: body.ageBringsForward,
  renewBeforeSeconds: body.renewBefore,
  needs: body.needs,
  retryAttempts: body.retryAttempts,
  retrySeconds: body.retryFor,
  notifierIds: body.notifierIds,
});
