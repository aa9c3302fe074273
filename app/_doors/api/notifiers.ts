import { z } from 'zod';
import { checkResult, config, form, id, instant } from '#app/_doors/api/common.ts';
import { askFor, pageOf, pageQuery, toPage, wholeList } from '#app/_doors/api/page.ts';
import { answering, changing, removing, type Shown } from '#app/_doors/api/route.ts';
import { addNotifier } from '#core/notifiers/add-notifier.ts';
import { changeNotifier } from '#core/notifiers/change-notifier.ts';
import { listNotifierKinds } from '#core/notifiers/list-notifier-kinds.ts';
import { listNotifiers } from '#core/notifiers/list-notifiers.ts';
import { noticeKinds } from '#core/notifiers/notice-kinds.ts';
import { readNotifier } from '#core/notifiers/read-notifier.ts';
import { removeNotifier } from '#core/notifiers/remove-notifier.ts';
import { tryNotifier } from '#core/notifiers/try-notifier.ts';

const notifier = z
  .object({
    id,
    name: z.string(),
    kind: z.string(),
    title: z.string().meta({ description: 'The kind in words.' }),
    notices: z.array(z.string()).meta({ description: 'What it tells of.' }),
    error: z.string().nullable().meta({ description: 'Why the last message was not sent.' }),
    sentAt: instant.nullable(),
    waiting: z.int().meta({ description: 'How many notices are still to be sent.' }),
  })
  .meta({ id: 'Notifier' });

const shown = {
  answers: notifier,
  path: (notifierId) => `/notifiers/${notifierId}`,
  read: (actor, notifierId) => readNotifier(actor, { notifierId }),
} satisfies Shown<typeof notifier>;

const kind = z
  .object({ kind: z.string(), title: z.string(), needs: z.string(), configForm: form })
  .meta({ id: 'NotifierKind' });

const tag = 'notifiers';

/** `/notifiers` and `/notifier-kinds`. */
export const notifierRoutes = [
  answering({
    method: 'GET',
    path: '/notifier-kinds',
    operationId: 'listNotifierKinds',
    tag,
    summary: 'Every kind of notifier that this version knows, with the fields of its config',
    calls: listNotifierKinds,
    input: () => ({}),
    answers: pageOf(kind),
    answer: (kinds) => wholeList(kinds),
  }),
  answering({
    method: 'GET',
    path: '/notifiers',
    operationId: 'listNotifiers',
    tag,
    summary: 'Notifiers, by name',
    calls: listNotifiers,
    query: pageQuery,
    input: ({ query }) => askFor(query),
    answers: pageOf(notifier),
    answer: (rows, { query }) => toPage(rows, query, ({ name }) => name),
  }),
  changing({
    method: 'POST',
    path: '/notifiers',
    operationId: 'addNotifier',
    tag,
    summary: 'Add a notifier; the secrets in its config are sealed',
    calls: addNotifier,
    body: z.strictObject({
      name: z.string().trim().min(1).max(100),
      kind: z.string(),
      config: config.meta({ description: 'As the configForm of the kind says.' }),
      notices: z.array(z.enum(noticeKinds)).min(1),
    }),
    input: ({ body }) => body,
    status: 201,
    shows: shown,
    resource: (made) => made.id,
  }),
  answering({
    method: 'GET',
    path: '/notifiers/{notifierId}',
    operationId: 'readNotifier',
    tag,
    summary: 'One notifier',
    calls: readNotifier,
    input: ({ path }) => path,
    answers: notifier,
    answer: (view) => view,
  }),
  changing({
    method: 'PUT',
    path: '/notifiers/{notifierId}',
    operationId: 'changeNotifier',
    tag,
    summary: 'Change where a notifier sends to, what it tells of, or its name; what is left out stays',
    description: 'All of a config is given, also its secrets, which are sealed anew.',
    calls: changeNotifier,
    body: z.strictObject({
      name: z.string().trim().min(1).max(100).optional(),
      config: config.optional().meta({ description: 'As the configForm of the kind says.' }),
      notices: z.array(z.enum(noticeKinds)).min(1).optional(),
    }),
    input: ({ path, body }) => ({ ...path, ...body }),
    status: 200,
    shows: shown,
    resource: (_nothing, { notifierId }) => notifierId,
  }),
  answering({
    method: 'POST',
    path: '/notifiers/{notifierId}/try',
    operationId: 'tryNotifier',
    tag,
    summary: 'Send one message that says it is a test',
    calls: tryNotifier,
    body: z.strictObject({}),
    input: ({ path }) => path,
    answers: checkResult,
    answer: (result) => result,
  }),
  removing({
    method: 'DELETE',
    path: '/notifiers/{notifierId}',
    operationId: 'removeNotifier',
    tag,
    summary: 'Take a notifier away, with what it has not sent yet',
    calls: removeNotifier,
    input: ({ path }) => path,
  }),
];
