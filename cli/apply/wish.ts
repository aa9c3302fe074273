import { z } from 'zod';
import { levels } from '#core/outside/levels.ts';
import { retryLimits } from '#core/outside/retry-limits.ts';
import { durationFault, formatDuration, parseDuration } from '#lib/duration.ts';

/* What may stand in a file of `rekey apply`. What depends on a kind is looked at once the kinds are known. */

const name = z.string().trim().min(1).max(100);
const values = z.record(z.string(), z.unknown()).default({});

/** A list whose order says nothing, as it is stored: each once, in one order. */
const eachOnce = <One extends string | number>(some: readonly One[]) => [...new Set(some)].sort();

/** A duration in the one form that the API answers. */
const duration = z.string().transform((text, context) => {
  const seconds = parseDuration(text);
  if (seconds === null) {
    context.addIssue(durationFault(text) ?? 'This is not a duration.');
    return z.NEVER;
  }
  return formatDuration(seconds);
});

const time = z.iso
  .datetime({ offset: true, error: 'It is a time such as 2027-01-04T03:00:00Z.' })
  .transform((text) => new Date(text).toISOString());

const configured = z.strictObject({ kind: z.string(), config: values });

const rhythm = z.union([
  z.strictObject({ interval: duration }),
  z.strictObject({ cron: z.string(), timeZone: z.string() }),
]);

const window = z.strictObject({
  days: z.array(z.int().min(0).max(6)).transform(eachOnce),
  from: z.string(),
  to: z.string(),
  timeZone: z.string(),
});

const policy = z
  .strictObject({
    rhythm,
    gracePeriod: duration,
    graceAfterUse: duration.nullable().default(null),
    approvals: z.int().min(0).max(2).default(0),
    window: window.nullable().default(null),
    blackouts: z.array(z.strictObject({ from: time, to: time, reason: z.string() })).default([]),
    jitter: duration.prefault('PT0S'),
    minSpacing: duration.prefault('PT0S'),
    maxAge: duration.nullable().default(null),
    ageBringsForward: z.boolean().default(false),
    renewBefore: duration.nullable().default(null),
    needs: z.enum(levels).nullable().default(null),
    retryAttempts: z.int().default(retryLimits.attempts.most),
    retryFor: duration.prefault(formatDuration(retryLimits.seconds.most)),
    notifiers: z.array(name).transform(eachOnce).default([]),
  })
  // As it is kept: nothing is brought forward to an age that there is not.
  .transform((one) => ({ ...one, ageBringsForward: one.ageBringsForward && one.maxAge !== null }));

const binding = z.strictObject({
  target: name,
  place: values,
  fields: z.record(z.string(), z.string().trim().min(1)),
  required: z.boolean().default(true),
  canary: z.boolean().default(false),
  readsNext: z.boolean().default(false),
  needs: z.enum(levels).optional(),
  consumerUrl: z.url().optional(),
});

const firstRun = z.union([z.literal('next_slot'), time], {
  error:
    'It is next_slot, or a time such as 2027-01-04T03:00:00Z. Nothing rotates because of apply, so it is not now.',
});

const credential = z.strictObject({
  issuer: name,
  environment: z.string().trim().min(1).max(50),
  owner: z.string().trim().max(100).optional(),
  labels: z.array(z.string().trim().min(1).max(50)).max(50).transform(eachOnce).optional(),
  place: values,
  fields: values,
  readBack: z.boolean().default(false),
  make: z.boolean().default(false),
  externalId: z.string().optional(),
  policy: name.optional(),
  firstRun: firstRun.default('next_slot'),
  bindings: z.array(binding).default([]),
});

const named = <One extends z.ZodType>(one: One) => z.record(name, one).default({});

/** A whole file. */
export const wish = z.strictObject({
  issuers: named(configured),
  targets: named(configured),
  policies: named(policy),
  credentials: named(credential),
});

export type Wish = z.output<typeof wish>;
export type ConfiguredWish = z.output<typeof configured>;
export type PolicyWish = z.output<typeof policy>;
export type CredentialWish = z.output<typeof credential>;
export type BindingWish = z.output<typeof binding>;
