import { z } from 'zod';
import { givenReason, id, reason } from '#app/_doors/api/common.ts';
import {
  changeBody,
  consumers,
  credential,
  credentialRow,
  filterShape,
  importBody,
  presentCredential,
  revealed,
  secretFound,
  shownCredential as shown,
} from '#app/_doors/api/credential-shape.ts';
import { firstRun } from '#app/_doors/api/first-run.ts';
import { cursorOf, keyIn, pageOf, pageQuery, wholeList } from '#app/_doors/api/page.ts';
import { answering, changing, removing } from '#app/_doors/api/route.ts';
import { credentialOrders } from '#core/access/credential-filter.ts';
import { allowReveal } from '#core/credentials/allow-reveal.ts';
import { archiveCredential } from '#core/credentials/archive-credential.ts';
import { changeCredential } from '#core/credentials/change-credential.ts';
import { findSecret } from '#core/credentials/find-secret.ts';
import { forbidReveal } from '#core/credentials/forbid-reveal.ts';
import { ignoreFinding } from '#core/credentials/ignore-finding.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { listFields } from '#core/credentials/list-fields.ts';
import { pauseCredential } from '#core/credentials/pause-credential.ts';
import { readConsumers } from '#core/credentials/read-consumers.ts';
import { readCredential } from '#core/credentials/read-credential.ts';
import { revealSecret } from '#core/credentials/reveal-secret.ts';
import { searchCredentials } from '#core/credentials/search-credentials.ts';
import { unpauseCredential } from '#core/credentials/unpause-credential.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { moveNextRun } from '#core/policies/move-next-run.ts';
import { unassignPolicy } from '#core/policies/unassign-policy.ts';

const tag = 'credentials';

/** `/credentials`, without their rotations. */
export const credentialRoutes = [
  answering({
    method: 'GET',
    path: '/credentials',
    operationId: 'listCredentials',
    tag,
    summary: 'Credentials that fit, by name or as `sort` says',
    calls: searchCredentials,
    query: pageQuery.extend({ ...filterShape, sort: z.enum(credentialOrders).optional() }),
    input: ({ query: { cursor, ...query } }) => ({
      ...query,
      ...(cursor === undefined ? {} : { after: keyIn(cursor, z.string()) }),
    }),
    answers: pageOf(credentialRow),
    answer: ({ items, nextAfter }) => ({ items, nextCursor: cursorOf(nextAfter) }),
  }),
  changing({
    method: 'POST',
    path: '/credentials',
    operationId: 'importCredential',
    tag,
    summary: 'Take over a credential as it is: its secret is proven by signing in, or made, and sealed',
    calls: importCredential,
    body: importBody,
    input: ({ body }) => body,
    status: 201,
    shows: shown,
    resource: (made) => made.id,
  }),
  answering({
    method: 'GET',
    path: '/credentials/{credentialId}',
    operationId: 'readCredential',
    tag,
    summary: 'One credential with its versions, bindings and last rotations; no values',
    calls: readCredential,
    input: ({ path }) => path,
    answers: credential,
    answer: presentCredential,
  }),
  changing({
    method: 'PUT',
    path: '/credentials/{credentialId}',
    operationId: 'changeCredential',
    tag,
    summary: 'Change its name, environment, owner or labels; what is left out stays',
    description:
      'Nothing outside is touched. Whoever is limited to some credentials changes neither environment nor labels (403).',
    calls: changeCredential,
    body: changeBody,
    input: ({ path, body }) => ({ ...path, ...body }),
    status: 200,
    shows: shown,
    resource: (_nothing, { credentialId }) => credentialId,
  }),
  removing({
    method: 'DELETE',
    path: '/credentials/{credentialId}',
    operationId: 'archiveCredential',
    tag,
    summary: 'Let go of a credential for good: its values are erased here, nothing outside is touched',
    description:
      'Its policy and its bindings are taken away; versions, rotations and events stay. Refused (409) while a rotation of it is open. Takes a token that is younger than five minutes.',
    calls: archiveCredential,
    query: z.strictObject({
      name: z.string().max(100).meta({ description: 'Its name, as a confirmation.' }),
    }),
    input: ({ path, query }) => ({ ...path, ...query }),
  }),
  answering({
    method: 'GET',
    path: '/credentials/{credentialId}/fields',
    operationId: 'listFields',
    tag,
    summary: 'The names of the fields that can be bound',
    calls: listFields,
    input: ({ path }) => path,
    answers: pageOf(z.string()),
    answer: (names) => wholeList(names),
  }),
  answering({
    method: 'GET',
    path: '/credentials/{credentialId}/consumers',
    operationId: 'readConsumers',
    tag,
    summary: 'What the applications say about themselves now',
    calls: readConsumers,
    input: ({ path }) => path,
    answers: consumers,
    answer: (found) => wholeList(found),
  }),
  changing({
    method: 'POST',
    path: '/credentials/{credentialId}/pause',
    operationId: 'pauseCredential',
    tag: 'pauses',
    summary: 'Let no rotation of this credential start or go on',
    calls: pauseCredential,
    body: givenReason,
    input: ({ path, body }) => ({ ...path, ...body }),
    status: 200,
    shows: shown,
    resource: (_nothing, { credentialId }) => credentialId,
  }),
  changing({
    method: 'POST',
    path: '/credentials/{credentialId}/unpause',
    operationId: 'unpauseCredential',
    tag: 'pauses',
    summary: 'Let the rotations of this credential go on',
    calls: unpauseCredential,
    body: z.strictObject({}),
    input: ({ path }) => path,
    status: 200,
    shows: shown,
    resource: (_nothing, { credentialId }) => credentialId,
  }),
  answering({
    method: 'POST',
    path: '/credentials/{credentialId}/reveal',
    operationId: 'revealSecret',
    tag,
    summary: 'Have the current version shown, where an admin has allowed it; each version once',
    description:
      'A second ask is refused (409) with who had it, and when; so is the same request sent again, because the value is not kept for it. Takes a token that is younger than five minutes.',
    calls: revealSecret,
    body: z.strictObject({ version: z.int().positive(), reason }),
    input: ({ path, body }) => ({ ...path, ...body }),
    answers: revealed,
    answer: ({ version, fields }) => ({
      version,
      fields: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value.expose()])),
    }),
  }),
  changing({
    method: 'POST',
    path: '/credentials/{credentialId}/allow-reveal',
    operationId: 'allowReveal',
    tag,
    summary: 'Let values of this credential be shown, each version once',
    description: 'Takes a token that is younger than five minutes.',
    calls: allowReveal,
    body: z.strictObject({}),
    input: ({ path }) => path,
    status: 200,
    shows: shown,
    resource: (_nothing, { credentialId }) => credentialId,
  }),
  changing({
    method: 'POST',
    path: '/credentials/{credentialId}/forbid-reveal',
    operationId: 'forbidReveal',
    tag,
    summary: 'Let no value of this credential be shown any more',
    calls: forbidReveal,
    body: z.strictObject({}),
    input: ({ path }) => path,
    status: 200,
    shows: shown,
    resource: (_nothing, { credentialId }) => credentialId,
  }),
  changing({
    method: 'PUT',
    path: '/credentials/{credentialId}/policy',
    operationId: 'assignPolicy',
    tag,
    summary: 'Put a credential under a policy, and say when it rotates first',
    calls: assignPolicy,
    body: z.strictObject({ policyId: id, first: firstRun }),
    input: ({ path, body }) => ({ ...path, ...body }),
    status: 200,
    shows: shown,
    resource: (_next, { credentialId }) => credentialId,
  }),
  removing({
    method: 'DELETE',
    path: '/credentials/{credentialId}/policy',
    operationId: 'unassignPolicy',
    tag,
    summary: 'Take a credential from its policy',
    calls: unassignPolicy,
    input: ({ path }) => path,
  }),
  changing({
    method: 'POST',
    path: '/credentials/{credentialId}/next-run',
    operationId: 'moveNextRun',
    tag,
    summary: 'Move the next rotation of this credential to another time; others of its policy keep theirs',
    calls: moveNextRun,
    body: z.strictObject({ at: z.iso.datetime({ offset: true }) }),
    input: ({ path, body }) => ({ ...path, ...body }),
    status: 200,
    shows: shown,
    resource: (_next, { credentialId }) => credentialId,
  }),
  removing({
    method: 'POST',
    path: '/findings/{findingId}/ignore',
    operationId: 'ignoreFinding',
    tag,
    summary: 'Leave what a comparison found as it is, with a reason; nothing outside is touched',
    calls: ignoreFinding,
    body: givenReason,
    input: ({ path, body }) => ({ ...path, ...body }),
  }),
  answering({
    method: 'POST',
    path: '/look-up',
    operationId: 'findSecret',
    tag,
    summary: 'Find which credential and version a value is, and whether it still works',
    description:
      'The text is neither stored nor logged; that somebody looked, and what was found, is. At most 30 times in 15 minutes, or 30,000 values of a text.',
    calls: findSecret,
    body: z.strictObject({
      text: z
        .string()
        .min(1)
        .max(65_536)
        .meta({ format: 'password', writeOnly: true, description: 'A value, or lines that may hold some.' }),
    }),
    input: ({ body }) => body,
    answers: pageOf(secretFound),
    answer: (found) => wholeList(found),
  }),
];
