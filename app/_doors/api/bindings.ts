import { z } from 'zod';
import { config, id, instant } from '#app/_doors/api/common.ts';
import { askFor, pageOf, pageQuery, toPage } from '#app/_doors/api/page.ts';
import { answering, changing, type Shown } from '#app/_doors/api/route.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
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

const bindingBody = z.strictObject({
  credentialId: id,
  targetId: id,
  place: config.meta({ description: 'As the placeForm of the target’s kind says.' }),
  fields: z
    .record(z.string(), z.string().trim().min(1))
    .meta({ description: 'Field of the credential to key at the target.' }),
  required: z.boolean().default(true).meta({ description: 'A rotation waits for its confirmation.' }),
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
];
