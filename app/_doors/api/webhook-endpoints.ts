import { z } from 'zod';
import { checkResult, id, instant } from '#app/_doors/api/common.ts';
import { overlapInput } from '#app/_doors/api/overlap.ts';
import { askFor, pageOf, pageQuery, toPage, wholeList } from '#app/_doors/api/page.ts';
import { answering, changing, removing, type Shown } from '#app/_doors/api/route.ts';
import { changeWebhookEndpoint } from '#core/webhooks/change-webhook-endpoint.ts';
import { createWebhookEndpoint } from '#core/webhooks/create-webhook-endpoint.ts';
import { disableWebhookEndpoint } from '#core/webhooks/disable-webhook-endpoint.ts';
import { enableWebhookEndpoint } from '#core/webhooks/enable-webhook-endpoint.ts';
import { listWebhookEndpoints } from '#core/webhooks/list-webhook-endpoints.ts';
import { listWebhookMessages } from '#core/webhooks/list-webhook-messages.ts';
import { readWebhookEndpoint } from '#core/webhooks/read-webhook-endpoint.ts';
import { removeWebhookEndpoint } from '#core/webhooks/remove-webhook-endpoint.ts';
import { replayWebhookEvents } from '#core/webhooks/replay-webhook-events.ts';
import { replayWebhookMessage } from '#core/webhooks/replay-webhook-message.ts';
import { rollWebhookSecret } from '#core/webhooks/roll-webhook-secret.ts';
import { tryWebhookEndpoint } from '#core/webhooks/try-webhook-endpoint.ts';

const tag = 'webhook endpoints';
const freshToken = 'Takes a token that is younger than five minutes.';

const row = {
  id,
  name: z.string(),
  url: z.string(),
  events: z
    .array(z.string())
    .meta({ description: 'Names of events, `rotation.*` for all of a noun, `*` for all.' }),
  enabled: z.boolean(),
  offBecause: z
    .enum(['failing', 'gone'])
    .nullable()
    .meta({ description: 'Why Rekey switched it off; null where a person did.' }),
  offAt: instant.nullable(),
  failingSince: instant.nullable().meta({ description: 'Since when no message was taken.' }),
  error: z.string().nullable().meta({ description: 'Why the last attempt failed.' }),
  sentAt: instant.nullable(),
  createdAt: instant,
  waiting: z.int().meta({ description: 'How many messages are still to be sent.' }),
};

const endpointRow = z.object(row).meta({ id: 'WebhookEndpointRow' });

const endpoint = z
  .object({
    ...row,
    secrets: z
      .array(z.object({ id, hint: z.string(), createdAt: instant, endsAt: instant.nullable() }))
      .meta({ description: 'Each message carries a signature with every one of these, the newest first.' }),
    secret: z.string().nullish().meta({
      description: 'The new signing secret, in the first answer to the request that made it and never again.',
    }),
  })
  .meta({ id: 'WebhookEndpoint' });

const message = z
  .object({
    id,
    webhookId: z.string().meta({ description: 'The `webhook-id`, the same for every attempt and replay.' }),
    seq: z.int().meta({ description: 'The place of the event in the sealed audit log.' }),
    eventId: z.string(),
    action: z.string(),
    state: z.enum(['waiting', 'sent', 'given_up']),
    attempts: z.int(),
    replays: z.int(),
    status: z.int().nullable().meta({ description: 'What the last attempt was answered.' }),
    error: z.string().nullable(),
    createdAt: instant,
    attemptedAt: instant.nullable(),
    nextAt: instant.nullable().meta({ description: 'When it is tried next.' }),
    sentAt: instant.nullable(),
  })
  .meta({ id: 'WebhookMessage' });

const shown = {
  answers: endpoint,
  path: (endpointId) => `/webhook-endpoints/${endpointId}`,
  read: (actor, endpointId) => readWebhookEndpoint(actor, { endpointId }),
} satisfies Shown<typeof endpoint>;

const wish = z.strictObject({
  name: z.string().trim().min(1).max(100),
  url: z.url({ protocol: /^https?$/ }),
  events: z.array(z.string().trim().max(100)).min(1).max(50),
});

const gracePeriod = overlapInput.meta({
  description: 'How long the secrets before go on signing too: PT0S, PT1H, P1D or P7D.',
});

/** `/webhook-endpoints`. */
export const webhookEndpointRoutes = [
  answering({
    method: 'GET',
    path: '/webhook-endpoints',
    operationId: 'listWebhookEndpoints',
    tag,
    summary: 'The webhook endpoints, by name',
    calls: listWebhookEndpoints,
    input: () => ({}),
    answers: pageOf(endpointRow),
    answer: (rows) => wholeList(rows),
  }),
  changing({
    method: 'POST',
    path: '/webhook-endpoints',
    operationId: 'createWebhookEndpoint',
    tag,
    summary: 'Add a webhook endpoint; its signing secret is answered once',
    description: freshToken,
    calls: createWebhookEndpoint,
    body: wish,
    input: ({ body }) => body,
    status: 201,
    shows: shown,
    resource: (made) => made.id,
    once: ({ secret }) => ({ secret: secret.expose() }),
  }),
  answering({
    method: 'GET',
    path: '/webhook-endpoints/{endpointId}',
    operationId: 'readWebhookEndpoint',
    tag,
    summary: 'One webhook endpoint with its signing secrets; no values',
    calls: readWebhookEndpoint,
    input: ({ path }) => path,
    answers: endpoint,
    answer: (view) => view,
  }),
  changing({
    method: 'PUT',
    path: '/webhook-endpoints/{endpointId}',
    operationId: 'changeWebhookEndpoint',
    tag,
    summary: 'Change the name, the address or the events; the next attempt goes by it',
    description: freshToken,
    calls: changeWebhookEndpoint,
    body: wish,
    input: ({ path, body }) => ({ ...path, ...body }),
    status: 200,
    shows: shown,
    resource: (_nothing, { endpointId }) => endpointId,
  }),
  changing({
    method: 'POST',
    path: '/webhook-endpoints/{endpointId}/enable',
    operationId: 'enableWebhookEndpoint',
    tag,
    summary: 'Switch it on: events are sent from now on',
    calls: enableWebhookEndpoint,
    body: z.strictObject({}),
    input: ({ path }) => path,
    status: 200,
    shows: shown,
    resource: (_nothing, { endpointId }) => endpointId,
  }),
  changing({
    method: 'POST',
    path: '/webhook-endpoints/{endpointId}/disable',
    operationId: 'disableWebhookEndpoint',
    tag,
    summary: 'Switch it off: what waits is not sent',
    calls: disableWebhookEndpoint,
    body: z.strictObject({}),
    input: ({ path }) => path,
    status: 200,
    shows: shown,
    resource: (_nothing, { endpointId }) => endpointId,
  }),
  changing({
    method: 'POST',
    path: '/webhook-endpoints/{endpointId}/roll-secret',
    operationId: 'rollWebhookSecret',
    tag,
    summary: 'Give it another signing secret, answered once; until the overlap is over all of them sign',
    description: freshToken,
    calls: rollWebhookSecret,
    body: z.strictObject({ gracePeriod }),
    input: ({ path, body: { gracePeriod: overlap } }) => ({ ...path, overlap }),
    status: 200,
    shows: shown,
    resource: (_secret, { endpointId }) => endpointId,
    once: ({ secret }) => ({ secret: secret.expose() }),
  }),
  answering({
    method: 'POST',
    path: '/webhook-endpoints/{endpointId}/test',
    operationId: 'tryWebhookEndpoint',
    tag,
    summary: 'Send one message of the type webhook_endpoint.test',
    calls: tryWebhookEndpoint,
    body: z.strictObject({}),
    input: ({ path }) => path,
    answers: checkResult,
    answer: (result) => result,
  }),
  changing({
    method: 'POST',
    path: '/webhook-endpoints/{endpointId}/replay',
    operationId: 'replayWebhookEvents',
    tag,
    summary: 'Send every event since a time again, each with the webhook-id it had',
    description: 'Thirty days back at most. Also events of before it was added, or while it was off.',
    calls: replayWebhookEvents,
    body: z.strictObject({ since: z.iso.datetime({ offset: true }) }),
    input: ({ path, body }) => ({ ...path, ...body }),
    status: 202,
    shows: shown,
    resource: (_nothing, { endpointId }) => endpointId,
  }),
  removing({
    method: 'DELETE',
    path: '/webhook-endpoints/{endpointId}',
    operationId: 'removeWebhookEndpoint',
    tag,
    summary: 'Take it away, with its secrets and messages',
    calls: removeWebhookEndpoint,
    input: ({ path }) => path,
  }),
  answering({
    method: 'GET',
    path: '/webhook-endpoints/{endpointId}/messages',
    operationId: 'listWebhookMessages',
    tag,
    summary: 'Its messages, the newest event first; they are kept for thirty days',
    calls: listWebhookMessages,
    query: pageQuery.extend({ state: z.enum(['waiting', 'sent', 'given_up']).optional() }),
    input: ({ path, query: { state, ...page } }) => ({
      ...path,
      ...(state === undefined ? {} : { state }),
      ...askFor(page, z.string().regex(/^\d{1,18}$/)),
    }),
    answers: pageOf(message),
    answer: (rows, { query }) => toPage(rows, query, ({ seq }) => String(seq)),
  }),
  changing({
    method: 'POST',
    path: '/webhook-endpoints/{endpointId}/messages/{messageId}/replay',
    operationId: 'replayWebhookMessage',
    tag,
    summary: 'Send one message again, with the same webhook-id',
    calls: replayWebhookMessage,
    body: z.strictObject({}),
    input: ({ path }) => path,
    status: 202,
    shows: shown,
    resource: (_nothing, { endpointId }) => endpointId,
  }),
];
