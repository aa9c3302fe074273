import { z } from 'zod';
import { id } from '#app/_doors/api/common.ts';
import { pageOf, wholeList } from '#app/_doors/api/page.ts';
import { answering, type Call, changing, removing, type Shown } from '#app/_doors/api/route.ts';
import type { Actor } from '#core/access/actor.ts';
import { createView } from '#core/evidence/create-view.ts';
import { listViews, type SavedView } from '#core/evidence/list-views.ts';
import { removeView } from '#core/evidence/remove-view.ts';
import { renameView } from '#core/evidence/rename-view.ts';
import { type ViewList, viewList } from '#core/evidence/view.ts';
import { notFound } from '#lib/problem.ts';

const tag = 'views';
const name = z.string().trim().min(1).max(80);
const list = viewList.meta({ description: 'Which list it asks.' });

const view = z
  .object({
    id,
    list,
    name: z.string(),
    query: z.string().meta({
      description:
        'A question, as GET /audit-events takes it in `q`; of the credentials, what stands behind the `?` of the console’s list.',
    }),
    by: z.object({ id: z.string().nullable(), name: z.string() }).meta({ description: 'Who saved it.' }),
  })
  .meta({ id: 'View' });

type ListedView = SavedView & { list: ViewList };

const viewsOf = async (actor: Actor, one: ViewList): Promise<ListedView[]> =>
  (await listViews(actor, { list: one })).map((found) => ({ ...found, list: one }));

/** The views of one list, or of all: in an address of the API a view has its id alone. */
const findViews: Call<{ list?: ViewList | undefined }, ListedView[]> = Object.defineProperties(
  async (actor: Actor, { list: asked }: { list?: ViewList | undefined }) => {
    const lists = asked === undefined ? viewList.options : [asked];
    return (await Promise.all(lists.map((one) => viewsOf(actor, one)))).flat();
  },
  { name: { value: listViews.name }, may: { value: listViews.may }, effect: { value: listViews.effect } },
) as Call<{ list?: ViewList | undefined }, ListedView[]>;

function only(views: readonly ListedView[], viewId: string): ListedView {
  const found = views.find(({ id: known }) => known === viewId);
  if (found === undefined) {
    throw notFound('view');
  }
  return found;
}

const shown = {
  answers: view,
  path: (viewId) => `/views/${viewId}`,
  read: async (actor, viewId) => only(await findViews(actor, {}), viewId),
} satisfies Shown<typeof view>;

/** `/views`: questions that have a name, for everybody. */
export const viewRoutes = [
  answering({
    method: 'GET',
    path: '/views',
    operationId: 'listViews',
    tag,
    summary: 'The saved views of the audit log and of the credentials, by name',
    calls: findViews,
    query: z.strictObject({ list: list.optional() }),
    input: ({ query }) => query,
    answers: pageOf(view),
    answer: (views) => wholeList(views),
  }),
  changing({
    method: 'POST',
    path: '/views',
    operationId: 'createView',
    tag,
    summary: 'Give a question to the audit log, or a filter of the credentials, a name',
    calls: createView,
    body: z.strictObject({ list, name, query: z.string().max(2000) }),
    input: ({ body }) => body,
    status: 201,
    shows: shown,
    resource: (made) => made.id,
  }),
  answering({
    method: 'GET',
    path: '/views/{viewId}',
    operationId: 'readView',
    tag,
    summary: 'One saved view, with its ETag',
    calls: findViews,
    input: () => ({}),
    answers: view,
    answer: (views, { path }) => only(views, path.viewId),
  }),
  changing({
    method: 'PUT',
    path: '/views/{viewId}',
    operationId: 'renameView',
    tag,
    summary: 'Give a saved view another name; its maker and admins may',
    description: 'With `If-Match`, a view that was renamed meanwhile is left alone (412).',
    calls: renameView,
    body: z.strictObject({ name }),
    input: ({ path, body, ground }) => ({ id: path.viewId, ...body, from: ground?.name }),
    status: 200,
    shows: shown,
    resource: (_nothing, { viewId }) => viewId,
    protects: async (actor, { path }) => {
      const found = await shown.read(actor, path.viewId ?? '');
      return { body: found, ground: { name: found.name } };
    },
  }),
  removing({
    method: 'DELETE',
    path: '/views/{viewId}',
    operationId: 'removeView',
    tag,
    summary: 'Remove a saved view; its maker and admins may',
    calls: removeView,
    input: ({ path }) => ({ id: path.viewId }),
  }),
];
