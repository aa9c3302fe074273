import { z } from 'zod';
import type { Actor } from '#core/access/actor.ts';
import type { Db } from '#lib/db.ts';
import { notFound, Problem } from '#lib/problem.ts';

/** The lists that a view can ask. */
export const viewList = z.enum(['audit', 'credentials']);

export type ViewList = z.output<typeof viewList>;

export const viewName = z
  .string()
  .trim()
  .min(1, 'Give the view a name.')
  .max(80, 'A name has at most 80 characters.');

/** A view that the actor may change: its maker, an admin and the system may. */
export async function viewToChange(tx: Db, actor: Actor, id: string) {
  const view = await tx.savedView.findUnique({ where: { id } });
  if (view === null) {
    throw notFound('view');
  }
  const by = z.object({ id: z.string().nullable(), name: z.string() }).parse(view.createdBy);
  if (actor.kind !== 'system' && actor.role !== 'admin' && actor.id !== by.id) {
    throw new Problem(
      403,
      'not_yours',
      `${by.name} saved the view ${view.name}. Only they and admins change it; save one of your own.`,
    );
  }
  return { ...view, list: viewList.parse(view.list) };
}

/** Names are taken once in each list, so that a name means one question to everybody. */
export async function requireFreeViewName(
  tx: Db,
  list: ViewList,
  name: string,
  except?: string,
): Promise<void> {
  const taken = await tx.savedView.findFirst({ where: { list, name, NOT: { id: except ?? undefined } } });
  if (taken !== null) {
    const message = `There is a view called ${name} already. Choose another name.`;
    throw new Problem(409, 'name_taken', message, {}, { name: message });
  }
}
