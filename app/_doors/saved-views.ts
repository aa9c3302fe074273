import type { Actor } from '#core/access/actor.ts';
import { scopeOf } from '#core/access/scope.ts';
import { createView } from '#core/evidence/create-view.ts';
import { listViews } from '#core/evidence/list-views.ts';
import type { ViewList } from '#core/evidence/view.ts';

/** The saved views of a list with their addresses, and what the reader may do with them. */
export async function savedViewsOf(
  actor: Extract<Actor, { kind: 'user' }>,
  list: ViewList,
  address: (query: string) => string,
) {
  const views = await listViews(actor, { list });
  const maySave = createView.may.includes(actor.role) && scopeOf(actor) === null;
  const mine = views.filter(({ by }) => actor.role === 'admin' || by.id === actor.id);
  return {
    list,
    views: views.map((view) => ({ ...view, href: address(view.query) })),
    maySave,
    mayChange: maySave ? mine.map(({ id }) => id) : [],
  };
}
