import { z } from 'zod';
import { instant } from '#app/_doors/api/common.ts';
import { firstRun } from '#app/_doors/api/first-run.ts';
import { askFor, pageOf, pageQuery, toPage } from '#app/_doors/api/page.ts';
import {
  policy,
  policyBody,
  presentPolicy as present,
  previewBody,
  rhythmOf,
  rulesOf,
  shownPolicy as shown,
  wishOf,
} from '#app/_doors/api/policy-shape.ts';
import { answering, changing, removing } from '#app/_doors/api/route.ts';
import { archivePolicy } from '#core/policies/archive-policy.ts';
import { changePolicy } from '#core/policies/change-policy.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { disablePolicy } from '#core/policies/disable-policy.ts';
import { enablePolicy } from '#core/policies/enable-policy.ts';
import { listPolicies } from '#core/policies/list-policies.ts';
import { previewSlots } from '#core/policies/preview-slots.ts';
import { readPolicy } from '#core/policies/read-policy.ts';

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
    input: ({ path, body, ground }) => ({ ...wishOf(body), ...path, version: ground?.version }),
    status: 200,
    shows: shown,
    resource: (_count, { policyId }) => policyId,
    protects: async (actor, { path }) => {
      const found = await readPolicy(actor, { policyId: path.policyId ?? '' });
      return { body: present(found), ground: { version: found.version } };
    },
  }),
  changing({
    method: 'POST',
    path: '/policies/{policyId}/disable',
    operationId: 'disablePolicy',
    tag: 'policies',
    summary: 'Switch a policy off: its credentials keep it, and none rotates by it',
    calls: disablePolicy,
    body: z.strictObject({}),
    input: ({ path }) => path,
    status: 200,
    shows: shown,
    resource: (_nothing, { policyId }) => policyId,
  }),
  changing({
    method: 'POST',
    path: '/policies/{policyId}/enable',
    operationId: 'enablePolicy',
    tag: 'policies',
    summary: 'Switch a policy on again; slots that passed are not made up for',
    calls: enablePolicy,
    body: z.strictObject({ first: firstRun }),
    input: ({ path, body }) => ({ ...path, ...body }),
    status: 200,
    shows: shown,
    resource: (_count, { policyId }) => policyId,
  }),
  removing({
    method: 'DELETE',
    path: '/policies/{policyId}',
    operationId: 'archivePolicy',
    tag: 'policies',
    summary: 'Take a policy away for good, from all credentials that have it',
    calls: archivePolicy,
    query: z.strictObject({
      credentials: z.coerce.number<string>().int().min(0).meta({
        description:
          'How many credentials lose it: as many as its `credentials` says, or nothing is changed.',
      }),
    }),
    input: ({ path, query }) => ({ ...path, ...query }),
  }),
];
