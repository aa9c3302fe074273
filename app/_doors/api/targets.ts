import { z } from 'zod';
import { checkResult, config, form, id, instant } from '#app/_doors/api/common.ts';
import { askFor, pageOf, pageQuery, toPage, wholeList } from '#app/_doors/api/page.ts';
import { answering, changing, removing, type Shown } from '#app/_doors/api/route.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { archiveTarget } from '#core/targets/archive-target.ts';
import { changeTarget } from '#core/targets/change-target.ts';
import { checkTarget } from '#core/targets/check-target.ts';
import { listTargetKinds } from '#core/targets/list-target-kinds.ts';
import { listTargets } from '#core/targets/list-targets.ts';
import { readTarget } from '#core/targets/read-target.ts';

const row = {
  id,
  name: z.string(),
  kind: z.string(),
  title: z.string().meta({ description: 'The kind in words.' }),
  health: z.string(),
  paused: z.boolean(),
  bindings: z.int().meta({ description: 'How many bindings it has.' }),
  createdAt: instant,
};

const targetRow = z.object(row).meta({ id: 'TargetRow' });
const target = z
  .object({ ...row, config: config.meta({ description: 'Without its secrets.' }) })
  .meta({ id: 'Target' });

const shown = {
  answers: target,
  path: (targetId) => `/targets/${targetId}`,
  read: (actor, targetId) => readTarget(actor, { targetId }),
} satisfies Shown<typeof target>;

const kind = z
  .object({
    kind: z.string(),
    title: z.string(),
    needs: z.string(),
    configForm: form,
    placeForm: form,
  })
  .meta({ id: 'TargetKind' });

/** `/targets` and `/target-kinds`. */
export const targetRoutes = [
  answering({
    method: 'GET',
    path: '/target-kinds',
    operationId: 'listTargetKinds',
    tag: 'targets',
    summary: 'Every kind of target that this version knows, with the fields of its config and places',
    calls: listTargetKinds,
    input: () => ({}),
    answers: pageOf(kind),
    answer: (kinds) => wholeList(kinds),
  }),
  answering({
    method: 'GET',
    path: '/targets',
    operationId: 'listTargets',
    tag: 'targets',
    summary: 'Targets, by name',
    calls: listTargets,
    query: pageQuery,
    input: ({ query }) => askFor(query),
    answers: pageOf(targetRow),
    answer: (rows, { query }) => toPage(rows, query, ({ name }) => name),
  }),
  changing({
    method: 'POST',
    path: '/targets',
    operationId: 'addTarget',
    tag: 'targets',
    summary: 'Add a target; the secrets in its config are sealed',
    calls: addTarget,
    body: z.strictObject({
      name: z.string().trim().min(1).max(100),
      kind: z.string(),
      config: config.meta({ description: 'As the configForm of the kind says.' }),
    }),
    input: ({ body }) => body,
    status: 201,
    shows: shown,
    resource: ({ id: targetId }) => targetId,
  }),
  answering({
    method: 'GET',
    path: '/targets/{targetId}',
    operationId: 'readTarget',
    tag: 'targets',
    summary: 'One target',
    calls: readTarget,
    input: ({ path }) => path,
    answers: target,
    answer: (view) => view,
  }),
  changing({
    method: 'PUT',
    path: '/targets/{targetId}',
    operationId: 'changeTarget',
    tag: 'targets',
    summary: 'Give a target another name or another config; its oldest binding is looked at with it first',
    description: 'All of a config is given, also its secrets, which are sealed anew; what is left out stays.',
    calls: changeTarget,
    body: z.strictObject({
      name: z.string().trim().min(1).max(100).optional(),
      config: config.optional().meta({ description: 'As the configForm of the kind says.' }),
    }),
    input: ({ path, body }) => ({ ...path, ...body }),
    status: 200,
    shows: shown,
    resource: (_nothing, { targetId }) => targetId,
  }),
  removing({
    method: 'DELETE',
    path: '/targets/{targetId}',
    operationId: 'archiveTarget',
    tag: 'targets',
    summary: 'Archive a target; its name is free again',
    description:
      'Refused while something is bound to it. Its secrets are erased here; what was delivered stays there.',
    calls: archiveTarget,
    input: ({ path }) => path,
  }),
  answering({
    method: 'POST',
    path: '/targets/{targetId}/check',
    operationId: 'checkTarget',
    tag: 'targets',
    summary: 'Ask a target whether it is reachable and can be written; nothing is written',
    calls: checkTarget,
    body: z.strictObject({
      bindingId: id.optional().meta({ description: 'To check it with; the oldest where none is given.' }),
    }),
    input: ({ path, body }) => ({ ...path, ...body }),
    answers: checkResult,
    answer: (result) => result,
  }),
];
