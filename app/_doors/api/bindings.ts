import { z } from 'zod';
import { config, id, instant } from '#app/_doors/api/common.ts';
import { askFor, pageOf, pageQuery, toPage } from '#app/_doors/api/page.ts';
import { answering, changing, removing, type Shown } from '#app/_doors/api/route.ts';
import { archiveBinding } from '#core/credentials/archive-binding.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { changeBinding } from '#core/credentials/change-binding.ts';
import { listBindings } from '#core/credentials/list-bindings.ts';
import { readBinding } from '#core/credentials/read-binding.ts';

const needs = z.enum(['accepted', 'read_back', 'redeployed', 'adopted']);

const binding = z
  .object({
    id,
    credentialId: id,
    credential: z.string(),
    targetId: id,
    target: z.string(),
    kind: z.string().meta({ description: 'The kind of the target.' }),
    place: config.meta({ description: 'Without its secrets.' }),
    fields: z
      .record(z.string(), z.string())
      .meta({ description: 'Field of the credential to key at the target.' }),
    required: z.boolean(),
    canary: z.boolean(),
    needs: z.string(),
    readsNext: z.boolean(),
    consumerUrl: z.string().nullable(),
    createdAt: instant,
  })
  .meta({ id: 'Binding' });

const shown = {
  answers: binding,
  path: (bindingId) => `/bindings/${bindingId}`,
  read: (actor, bindingId) => readBinding(actor, { bindingId }),
} satisfies Shown<typeof binding>;

const canarySays =
  'It is delivered to first, and the others once it has confirmed, where both secrets work meanwhile. It is required.';

const changeBody = z.strictObject({
  required: z.boolean().optional().meta({ description: 'A rotation waits for its confirmation.' }),
  canary: z.boolean().optional().meta({ description: canarySays }),
  needs: needs.optional(),
  consumerUrl: z
    .url()
    .max(2000)
    .nullable()
    .optional()
    .meta({ description: 'Where the application says which version it uses; null takes it away.' }),
});

const bindingBody = z.strictObject({
  credentialId: id,
  targetId: id,
  place: config.meta({ description: 'As the placeForm of the target’s kind says.' }),
  fields: z
    .record(z.string(), z.string().trim().min(1))
    .meta({ description: 'Field of the credential to key at the target.' }),
  required: z.boolean().default(true).meta({ description: 'A rotation waits for its confirmation.' }),
  canary: z.boolean().default(false).meta({ description: canarySays }),
  readsNext: z
    .boolean()
    .default(false)
    .meta({ description: 'The application uses the NEXT value once the current one is refused.' }),
  needs: needs.optional().meta({ description: 'By default the highest that the target can prove.' }),
  consumerUrl: z
    .url()
    .max(2000)
    .optional()
    .meta({ description: 'Where the application says which version it uses.' }),
});

/** `/bindings`. */
export const bindingRoutes = [
  answering({
    method: 'GET',
    path: '/bindings',
    operationId: 'listBindings',
    tag: 'bindings',
    summary: 'Bindings, the oldest first',
    refuses: ['404'],
    calls: listBindings,
    query: pageQuery.extend({ credentialId: id.optional(), targetId: id.optional() }),
    input: ({ query }) => ({
      ...askFor(query, id),
      credentialId: query.credentialId,
      targetId: query.targetId,
    }),
    answers: pageOf(binding),
    answer: (rows, { query }) => toPage(rows, query, (one) => one.id),
  }),
  changing({
    method: 'POST',
    path: '/bindings',
    operationId: 'bindTarget',
    tag: 'bindings',
    summary: 'Bind a credential to a target; its current version is delivered and confirmed first',
    calls: bindTarget,
    body: bindingBody,
    input: ({ body }) => body,
    status: 201,
    shows: shown,
    resource: (made) => made.id,
  }),
  answering({
    method: 'GET',
    path: '/bindings/{bindingId}',
    operationId: 'readBinding',
    tag: 'bindings',
    summary: 'One binding',
    calls: readBinding,
    input: ({ path }) => path,
    answers: binding,
    answer: (view) => view,
  }),
  changing({
    method: 'PUT',
    path: '/bindings/{bindingId}',
    operationId: 'changeBinding',
    tag: 'bindings',
    summary: 'Change how a binding is delivered to; what is left out stays',
    description: 'Nothing is delivered for it. Refused while a rotation of the credential is open.',
    calls: changeBinding,
    body: changeBody,
    input: ({ path, body }) => ({ ...path, ...body }),
    status: 200,
    shows: shown,
    resource: (_nothing, { bindingId }) => bindingId,
  }),
  removing({
    method: 'DELETE',
    path: '/bindings/{bindingId}',
    operationId: 'archiveBinding',
    tag: 'bindings',
    summary: 'Unbind a credential from a target; what was delivered stays there',
    description: 'Refused while a rotation of the credential is open.',
    calls: archiveBinding,
    input: ({ path }) => path,
  }),
];
