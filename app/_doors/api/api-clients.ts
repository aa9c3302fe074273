import { z } from 'zod';
import { id, instant } from '#app/_doors/api/common.ts';
import { overlapInput } from '#app/_doors/api/overlap.ts';
import { pageOf, wholeList } from '#app/_doors/api/page.ts';
import { answering, changing, removing, type Shown } from '#app/_doors/api/route.ts';
import { roles } from '#core/access/actor.ts';
import { changeApiClient } from '#core/clients/change-api-client.ts';
import { createApiClient } from '#core/clients/create-api-client.ts';
import { endApiClientSecret } from '#core/clients/end-api-client-secret.ts';
import { listApiClients } from '#core/clients/list-api-clients.ts';
import { readApiClient } from '#core/clients/read-api-client.ts';
import { revokeApiClient } from '#core/clients/revoke-api-client.ts';
import { rotateApiClientSecret } from '#core/clients/rotate-api-client-secret.ts';

const tag = 'api clients';
const freshToken = 'Takes a token that is younger than five minutes.';
const role = z.enum(roles);

const words = z.array(z.string().trim().min(1).max(50)).max(50);

const environments = words.meta({ description: 'Limited to the credentials of these; none for all.' });
const labels = words.meta({ description: 'Limited to credentials with one of these; none for all.' });

const apiClientRow = z
  .object({
    id,
    name: z.string(),
    role: z.string(),
    environments,
    labels,
    signsInWith: z.enum(['secret', 'key']),
    liveSecrets: z.int(),
    createdAt: instant,
    lastUsedAt: instant.nullable(),
    revokedAt: instant.nullable(),
  })
  .meta({ id: 'ApiClientRow' });

const apiClient = z
  .object({
    id: id.meta({ description: 'The client_id.' }),
    name: z.string(),
    role: z.string(),
    environments,
    labels,
    keyIds: z.array(z.string()).nullable().meta({ description: 'Null where it signs in with a secret.' }),
    createdBy: z.string(),
    createdAt: instant,
    lastUsedAt: instant.nullable(),
    revokedAt: instant.nullable(),
    credentialId: id.nullable().meta({ description: 'The credential as which Rekey rotates it.' }),
    secrets: z.array(
      z.object({
        id,
        hint: z.string(),
        createdAt: instant,
        lastUsedAt: instant.nullable(),
        endsAt: instant.nullable(),
        live: z.boolean(),
      }),
    ),
    secret: z.string().nullish().meta({
      description: 'The new secret, in the first answer to the request that made it and never again.',
    }),
  })
  .meta({ id: 'ApiClient' });

const shown = {
  answers: apiClient,
  path: (clientId) => `/api-clients/${clientId}`,
  read: (actor, clientId) => readApiClient(actor, { clientId }),
} satisfies Shown<typeof apiClient>;

const publicKeys = z
  .looseObject({ keys: z.array(z.looseObject({ kty: z.enum(['EC', 'RSA', 'OKP']) })) })
  .meta({ description: 'A set of public keys (RFC 7517), for a client that signs in with assertions.' });

const gracePeriod = overlapInput.meta({
  description: 'How long the secrets before go on working: PT0S, PT1H, P1D or P7D.',
});

/** `/api-clients`. */
export const apiClientRoutes = [
  answering({
    method: 'GET',
    path: '/api-clients',
    operationId: 'listApiClients',
    tag,
    summary: 'The API clients, live ones first',
    calls: listApiClients,
    input: () => ({}),
    answers: pageOf(apiClientRow),
    answer: (rows) => wholeList(rows),
  }),
  changing({
    method: 'POST',
    path: '/api-clients',
    operationId: 'createApiClient',
    tag,
    summary: 'Make an API client; its secret is answered once',
    description: freshToken,
    calls: createApiClient,
    body: z.strictObject({
      name: z.string().trim().min(1).max(80),
      role,
      environments: environments.optional(),
      labels: labels.optional(),
      publicKeys: publicKeys.optional(),
    }),
    input: ({ body }) => body,
    status: 201,
    shows: shown,
    resource: (made) => made.id,
    once: ({ secret }) => ({ secret: secret?.expose() ?? null }),
  }),
  answering({
    method: 'GET',
    path: '/api-clients/{clientId}',
    operationId: 'readApiClient',
    tag,
    summary: 'One API client with its secrets; no values',
    calls: readApiClient,
    input: ({ path }) => path,
    answers: apiClient,
    answer: (view) => view,
  }),
  changing({
    method: 'PUT',
    path: '/api-clients/{clientId}',
    operationId: 'changeApiClient',
    tag,
    summary: 'Change the name, the role, the limits or the public keys; they count at once',
    description: `${freshToken} Limits and keys that are left out stay as they are.`,
    calls: changeApiClient,
    body: z.strictObject({
      name: z.string().trim().min(1).max(80),
      role,
      environments: environments.optional(),
      labels: labels.optional(),
      publicKeys: publicKeys.optional(),
    }),
    input: ({ path, body }) => ({ ...path, ...body }),
    status: 200,
    shows: shown,
    resource: (_nothing, { clientId }) => clientId,
  }),
  changing({
    method: 'POST',
    path: '/api-clients/{clientId}/rotate-secret',
    operationId: 'rotateApiClientSecret',
    tag,
    summary: 'Give an API client another secret, answered once',
    description: freshToken,
    calls: rotateApiClientSecret,
    body: z.strictObject({
      gracePeriod,
      typedName: z
        .string()
        .max(200)
        .optional()
        .meta({ description: 'The name of the client, where the secrets before end now.' }),
    }),
    input: ({ path, body: { gracePeriod: overlap, typedName } }) => ({ ...path, overlap, typedName }),
    status: 200,
    shows: shown,
    resource: (_secret, { clientId }) => clientId,
    once: ({ secret }) => ({ secret: secret?.expose() ?? null }),
  }),
  removing({
    method: 'DELETE',
    path: '/api-clients/{clientId}/secrets/{secretId}',
    operationId: 'endApiClientSecret',
    tag,
    summary: 'End one secret at once',
    description: freshToken,
    calls: endApiClientSecret,
    input: ({ path }) => path,
  }),
  changing({
    method: 'POST',
    path: '/api-clients/{clientId}/revoke',
    operationId: 'revokeApiClient',
    tag,
    summary: 'End an API client for good, with its secrets and tokens',
    description: freshToken,
    calls: revokeApiClient,
    body: z.strictObject({
      typedName: z.string().max(200).meta({ description: 'The name of the client: this cannot be undone.' }),
      reason: z.string().trim().max(500).optional(),
    }),
    input: ({ path, body }) => ({ ...path, ...body }),
    status: 200,
    shows: shown,
    resource: (_nothing, { clientId }) => clientId,
  }),
];
