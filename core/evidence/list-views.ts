import { z } from 'zod';
import type { Actor } from '#core/access/actor.ts';
import { credentialSays } from '#core/access/credential-filter.ts';
import { credentialInScope, scopeOf, scopeValues } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';
import { parseQuery, type Qualifier } from '#core/evidence/query.ts';
import { type ViewList, viewList } from '#core/evidence/view.ts';
import type { Database } from '#lib/db.ts';

interface Stored {
  id: string;
  query: string;
}

const valuesIn = (query: string, asked: Qualifier) =>
  parseQuery(query).terms.flatMap(({ qualifier, value }) => (qualifier === asked ? value : []));

/** The questions that name no credential and no environment outside of the limits. */
async function questionsWithin<View extends Stored>(db: Database, actor: Actor, views: View[]) {
  const named = views.flatMap(({ query }) => valuesIn(query, 'credential'));
  const environments = views.flatMap(({ query }) => valuesIn(query, 'environment'));
  const { rows } = await db.pool.query<{ id: string; name: string; environment: string }>(
    `select c.id, c.name, c.environment from credentials c
      where ${credentialInScope} and (c.name = any($3) or c.id::text = any($3) or c.environment = any($4))`,
    [...scopeValues(actor), named, environments],
  );
  const credentials = new Set(rows.flatMap(({ id, name }) => [id, name]));
  const places = new Set(rows.map(({ environment }) => environment));
  return views.filter(
    ({ query }) =>
      valuesIn(query, 'credential').every((one) => credentials.has(one)) &&
      valuesIn(query, 'environment').every((one) => places.has(one)),
  );
}

/** The filters whose every word is said of one credential within the limits. Ids of issuers and targets tell nothing. */
async function filtersWithin<View extends Stored>(db: Database, actor: Actor, views: View[]) {
  const asked = views.map(({ query }) => new URLSearchParams(query));
  const words = (name: string) => asked.map((line) => line.get(name));
  const { rows } = await db.pool.query<{ id: string }>(
    `select v.id from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[]) v(id, q, environment, label, owner)
      where exists (
        select 1 from credentials c
         where c.archived_at is null and ${credentialInScope}
           and (v.q is null or ${credentialSays('v.q')})
           and (v.environment = 'all' or c.environment = v.environment)
           and (v.label is null or v.label = any(c.labels))
           and (v.owner is null or c.owner = v.owner))`,
    [
      ...scopeValues(actor),
      views.map(({ id }) => id),
      words('q'),
      words('environment'),
      words('label'),
      words('owner'),
    ],
  );
  const told = new Set(rows.map(({ id }) => id));
  return views.filter(({ id }) => told.has(id));
}

function withinLimits<View extends Stored>(db: Database, actor: Actor, list: ViewList, views: View[]) {
  if (scopeOf(actor) === null) {
    return views;
  }
  return list === 'audit' ? questionsWithin(db, actor, views) : filtersWithin(db, actor, views);
}

/**
 * The saved views of a list, by name. Everybody without limits has the same; others have those that tell them of nothing new,
 * whoever saved them: whose words, beside ids of issuers and targets, are of credentials within the limits.
 */
export const listViews = read(
  {
    name: 'list-views',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input: z.object({ list: viewList.default('audit') }),
  },
  async ({ actor, db }, { list }) => {
    const all = await db.prisma.savedView.findMany({ where: { list }, orderBy: { name: 'asc' } });
    const views = await withinLimits(db, actor, list, all);
    return views.map(({ id, name, query, createdBy }) => ({
      id,
      name,
      query,
      by: z.object({ id: z.string().nullable(), name: z.string() }).parse(createdBy),
    }));
  },
);

export type SavedView = Awaited<ReturnType<typeof listViews>>[number];
