import { z } from 'zod';
import type { Actor } from '#core/access/actor.ts';
import { credentialInScope, scopeOf, scopeValues } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';
import { parseQuery } from '#core/evidence/query.ts';
import type { Database } from '#lib/db.ts';

const credentialsIn = (query: string) =>
  parseQuery(query).terms.flatMap(({ qualifier, value }) => (qualifier === 'credential' ? value : []));

/** The views that name no credential outside of the limits. */
async function withinLimits<View extends { query: string }>(db: Database, actor: Actor, views: View[]) {
  if (scopeOf(actor) === null) {
    return views;
  }
  const { rows } = await db.pool.query<{ id: string; name: string }>(
    `select c.id, c.name from credentials c
      where ${credentialInScope} and (c.name = any($3) or c.id::text = any($3))`,
    [...scopeValues(actor), views.flatMap(({ query }) => credentialsIn(query))],
  );
  const seen = new Set(rows.flatMap(({ id, name }) => [id, name]));
  return views.filter(({ query }) => credentialsIn(query).every((one) => seen.has(one)));
}

/** The saved views of the audit log, by name. Everybody without limits has the same; others have those that tell them of nothing new. */
export const listViews = read(
  {
    name: 'list-views',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input: z.object({}),
  },
  async ({ actor, db }) => {
    const all = await db.prisma.savedView.findMany({ orderBy: { name: 'asc' } });
    const views = await withinLimits(db, actor, all);
    return views.map(({ id, name, query, createdBy }) => ({
      id,
      name,
      query,
      by: z.object({ id: z.string().nullable(), name: z.string() }).parse(createdBy),
    }));
  },
);

export type SavedView = Awaited<ReturnType<typeof listViews>>[number];
