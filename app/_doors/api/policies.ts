import { z } from 'zod';
import { id, instant } from '#app/_doors/api/common.ts';
import { duration, durationInput, formatDuration } from '#app/_doors/api/duration.ts';
import { askFor, pageOf, pageQuery, toPage } from '#app/_doors/api/page.ts';
import { answering, changing, type Shown } from '#app/_doors/api/route.ts';
import { changePolicy } from '#core/policies/change-policy.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { listPolicies } from '#core/policies/list-policies.ts';
import { previewSlots } from '#core/policies/preview-slots.ts';
import { readPolicy } from '#core/policies/read-policy.ts';

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

const policy = z
  .object({
    id,
    name: z.string(),
    rhythm: z.union([z.object({ interval: duration }), cron]),
    gracePeriod: duration,
    approvals: z.int().meta({ description: 'How many people beside the requester have to approve.' }),
    window: window.nullable().meta({ description: 'When rotations may start; null for at any time.' }),
    blackouts: z.array(blackout).meta({ description: 'When nothing starts.' }),
    jitter: duration.meta({ description: 'How far the credentials of one slot are spread.' }),
  })
  .meta({ id: 'Policy' });

type PolicyRow = Omit<Awaited<ReturnType<typeof readPolicy>>, 'version' | 'first'>;

function present({ intervalSeconds, cron: expression, timeZone, graceSeconds, rules, ...rest }: PolicyRow) {
  return {
    ...rest,
    rhythm:
      expression === null
        ? { interval: formatDuration(intervalSeconds ?? 0) }
        : { cron: expression, timeZone },
    gracePeriod: formatDuration(graceSeconds),
    window: rules.window,
    blackouts: rules.blackouts,
    jitter: formatDuration(rules.jitterSeconds),
  };
}

const shown = {
  answers: policy,
  path: (policyId) => `/policies/${policyId}`,
  read: async (actor, policyId) => present(await readPolicy(actor, { policyId })),
} satisfies Shown<typeof policy>;

const rhythmBody = z.union([z.strictObject({ interval: durationInput }), z.strictObject(cron.shape)]);

const rules = {
  window: z.strictObject(window.shape).nullable().default(null),
  blackouts: z.array(z.strictObject(blackout.shape)).max(50).default([]),
  jitter: durationInput.prefault('PT0S'),
};

const policyBody = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    rhythm: rhythmBody.meta({ description: 'A fixed distance, or a cron expression with its time zone.' }),
    gracePeriod: durationInput.meta({ description: 'How long the old version is kept; at most P90D.' }),
    approvals: z.int().min(0).max(2).default(0),
    ...rules,
  })
  .meta({ id: 'PolicyBody' });

const previewBody = z.strictObject({
  rhythm: rhythmBody,
  ...rules,
  count: z.int().min(1).max(20).default(5),
});

const rhythmOf = (rhythm: z.output<typeof rhythmBody>) =>
  'interval' in rhythm ? { intervalSeconds: rhythm.interval } : rhythm;

const rulesOf = ({
  window,
  blackouts,
  jitter,
}: Pick<z.output<typeof policyBody>, 'window' | 'blackouts' | 'jitter'>) => ({
  window,
  blackouts,
  jitterSeconds: jitter,
});

const wishOf = (body: z.output<typeof policyBody>) => ({
  name: body.name,
  rhythm: rhythmOf(body.rhythm),
  graceSeconds: body.gracePeriod,
  approvals: body.approvals,
  rules: rulesOf(body),
});

const preview = z
  .object({
    slots: z.array(
      z.object({
        at: instant,
        starts: instant.nullable().meta({ description: 'When the rules let it start; null for never.' }),
      }),
    ),
  })
  .meta({ id: 'SlotPreview' });

/** `/policies`. */
export const policyRoutes = [
  answering({
    method: 'GET',
    path: '/policies',
    operationId: 'listPolicies',
    tag: 'policies',
    summary: 'Policies, by name',
    calls: listPolicies,
    query: pageQuery,
    input: ({ query }) => askFor(query),
    answers: pageOf(policy),
    answer: (rows, { query }) => {
      const { items, nextCursor } = toPage(rows, query, ({ name }) => name);
      return { items: items.map(present), nextCursor };
    },
  }),
  changing({
    method: 'POST',
    path: '/policies',
    operationId: 'createPolicy',
    tag: 'policies',
    summary: 'Create a policy; it touches no credential until it is assigned',
    calls: createPolicy,
    body: policyBody,
    input: ({ body }) => wishOf(body),
    status: 201,
    shows: shown,
    resource: (made) => made.id,
  }),
  answering({
    method: 'POST',
    path: '/policy-previews',
    operationId: 'previewSlots',
    tag: 'policies',
    summary: 'The slots that a rhythm would have; nothing is saved',
    calls: previewSlots,
    body: previewBody,
    input: ({ body }) => ({ rhythm: rhythmOf(body.rhythm), rules: rulesOf(body), count: body.count }),
    answers: preview,
    answer: (found) => found,
  }),
  answering({
    method: 'GET',
    path: '/policies/{policyId}',
    operationId: 'readPolicy',
    tag: 'policies',
    summary: 'One policy, with its ETag',
    calls: readPolicy,
    input: ({ path }) => path,
    answers: policy,
    answer: present,
  }),
  changing({
    method: 'PUT',
    path: '/policies/{policyId}',
    operationId: 'changePolicy',
    tag: 'policies',
    summary: 'Change a policy for all credentials that have it',
    description: 'With `If-Match`, a policy that was changed meanwhile is left alone (412).',
    calls: changePolicy,
    body: policyBody,
    input: ({ path, body, version }) => ({ ...wishOf(body), ...path, version }),
    status: 200,
    shows: shown,
    resource: (_count, { policyId }) => policyId,
    protects: async (actor, { path }) => {
      const found = await readPolicy(actor, { policyId: path.policyId ?? '' });
      return { body: present(found), version: found.version };
    },
  }),
];
