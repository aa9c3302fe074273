import { z } from 'zod';
import { checkResult, config, form, givenReason, id, instant } from '#app/_doors/api/common.ts';
import { askFor, pageOf, pageQuery, toPage, wholeList } from '#app/_doors/api/page.ts';
import { answering, changing, removing, type Shown } from '#app/_doors/api/route.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { archiveIssuer } from '#core/issuers/archive-issuer.ts';
import { browseIssuer } from '#core/issuers/browse-issuer.ts';
import { changeIssuer } from '#core/issuers/change-issuer.ts';
import { checkIssuer } from '#core/issuers/check-issuer.ts';
import { listIssuerKinds } from '#core/issuers/list-issuer-kinds.ts';
import { listIssuers } from '#core/issuers/list-issuers.ts';
import { pauseIssuer } from '#core/issuers/pause-issuer.ts';
import { readIssuer } from '#core/issuers/read-issuer.ts';
import { unpauseIssuer } from '#core/issuers/unpause-issuer.ts';

const row = {
  id,
  name: z.string(),
  kind: z.string(),
  title: z.string().meta({ description: 'The kind in words.' }),
  health: z.string(),
  paused: z.boolean(),
  credentials: z.int().meta({ description: 'How many credentials it has.' }),
  createdAt: instant,
};

const issuerRow = z.object(row).meta({ id: 'IssuerRow' });
const issuer = z
  .object({ ...row, config: config.meta({ description: 'Without its secrets.' }) })
  .meta({ id: 'Issuer' });

const shown = {
  answers: issuer,
  path: (issuerId) => `/issuers/${issuerId}`,
  read: (actor, issuerId) => readIssuer(actor, { issuerId }),
} satisfies Shown<typeof issuer>;

const kind = z
  .object({
    kind: z.string(),
    title: z.string(),
    needs: z.string(),
    secretField: z.string(),
    hasApi: z.boolean(),
    canBrowse: z.boolean(),
    canMakeFirst: z.boolean(),
    configForm: form,
    placeForm: form,
  })
  .meta({ id: 'IssuerKind' });

const found = z
  .object({
    items: z.array(
      z.object({
        label: z.string(),
        place: config,
        isComplete: z.boolean(),
        canReadBack: z.boolean(),
        here: z.object({ id, name: z.string() }).nullable(),
        secrets: z.array(
          z.object({
            externalId: z.string(),
            createdAt: instant.nullable(),
            lastUsedAt: instant.nullable(),
          }),
        ),
      }),
    ),
    more: z.int().meta({ description: 'How many more there are.' }),
  })
  .meta({ id: 'Browsed' });

/** `/issuers` and `/issuer-kinds`. */
export const issuerRoutes = [
  answering({
    method: 'GET',
    path: '/issuer-kinds',
    operationId: 'listIssuerKinds',
    tag: 'issuers',
    summary: 'Every kind of issuer that this version knows, with the fields of its config and places',
    calls: listIssuerKinds,
    input: () => ({}),
    answers: pageOf(kind),
    answer: (kinds) => wholeList(kinds),
  }),
  answering({
    method: 'GET',
    path: '/issuers',
    operationId: 'listIssuers',
    tag: 'issuers',
    summary: 'Issuers, by name',
    calls: listIssuers,
    query: pageQuery,
    input: ({ query }) => askFor(query),
    answers: pageOf(issuerRow),
    answer: (rows, { query }) => toPage(rows, query, ({ name }) => name),
  }),
  changing({
    method: 'POST',
    path: '/issuers',
    operationId: 'addIssuer',
    tag: 'issuers',
    summary: 'Add an issuer; the secrets in its config are sealed',
    calls: addIssuer,
    body: z.strictObject({
      name: z.string().trim().min(1).max(100),
      kind: z.string(),
      config: config.meta({ description: 'As the configForm of the kind says.' }),
    }),
    input: ({ body }) => body,
    status: 201,
    shows: shown,
    resource: ({ id: issuerId }) => issuerId,
  }),
  answering({
    method: 'GET',
    path: '/issuers/{issuerId}',
    operationId: 'readIssuer',
    tag: 'issuers',
    summary: 'One issuer',
    calls: readIssuer,
    input: ({ path }) => path,
    answers: issuer,
    answer: (view) => view,
  }),
  changing({
    method: 'PUT',
    path: '/issuers/{issuerId}',
    operationId: 'changeIssuer',
    tag: 'issuers',
    summary: 'Give an issuer another name or another config; its oldest credential signs in with it first',
    description: 'All of a config is given, also its secrets, which are sealed anew; what is left out stays.',
    calls: changeIssuer,
    body: z.strictObject({
      name: z.string().trim().min(1).max(100).optional(),
      config: config.optional().meta({ description: 'As the configForm of the kind says.' }),
    }),
    input: ({ path, body }) => ({ ...path, ...body }),
    status: 200,
    shows: shown,
    resource: (_nothing, { issuerId }) => issuerId,
  }),
  removing({
    method: 'DELETE',
    path: '/issuers/{issuerId}',
    operationId: 'archiveIssuer',
    tag: 'issuers',
    summary: 'Archive an issuer; its name is free again',
    description:
      'Refused while it has credentials. Its secrets are erased here; at the vendor nothing is changed.',
    calls: archiveIssuer,
    input: ({ path }) => path,
  }),
  answering({
    method: 'GET',
    path: '/issuers/{issuerId}/browse',
    operationId: 'browseIssuer',
    tag: 'issuers',
    summary: 'Ask an issuer what it has, to import credentials from',
    refuses: ['422'],
    calls: browseIssuer,
    input: ({ path }) => path,
    answers: found,
    answer: (view) => view,
  }),
  answering({
    method: 'POST',
    path: '/issuers/{issuerId}/check',
    operationId: 'checkIssuer',
    tag: 'issuers',
    summary: 'Ask an issuer whether it is reachable and lets Rekey in',
    calls: checkIssuer,
    body: z.strictObject({
      credentialId: id.optional().meta({ description: 'To check it with; the oldest where none is given.' }),
    }),
    input: ({ path, body }) => ({ ...path, ...body }),
    answers: checkResult,
    answer: (result) => result,
  }),
  changing({
    method: 'POST',
    path: '/issuers/{issuerId}/pause',
    operationId: 'pauseIssuer',
    tag: 'pauses',
    summary: 'Let no rotation of the issuer’s credentials start or go on',
    calls: pauseIssuer,
    body: givenReason,
    input: ({ path, body }) => ({ ...path, ...body }),
    status: 200,
    shows: shown,
    resource: (_nothing, { issuerId }) => issuerId,
  }),
  changing({
    method: 'POST',
    path: '/issuers/{issuerId}/unpause',
    operationId: 'unpauseIssuer',
    tag: 'pauses',
    summary: 'Let the rotations of the issuer’s credentials go on',
    calls: unpauseIssuer,
    body: z.strictObject({}),
    input: ({ path }) => path,
    status: 200,
    shows: shown,
    resource: (_nothing, { issuerId }) => issuerId,
  }),
];
