import type { Actor } from '#core/access/actor.ts';
import { credentialInScope, scopeOf, scopeValues } from '#core/access/scope.ts';
import { parseCreated } from '#core/evidence/created.ts';
import { parseQuery, type Qualifier, type Term } from '#core/evidence/query.ts';
import { wordsOf } from '#core/evidence/words.ts';
import type { Database } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';

/** A question in terms of columns. Null asks for anything, an empty list fits nothing. */
export interface Filter {
  readonly actors: readonly string[] | null;
  /** Whole actions, and beginnings that end with `*`. */
  readonly actions: readonly string[] | null;
  readonly credentials: readonly string[] | null;
  readonly outcomes: readonly ('success' | 'failure')[] | null;
  readonly rotations: readonly string[] | null;
  readonly requests: readonly string[] | null;
  readonly from: Date | null;
  readonly until: Date | null;
  /** Beginnings of words, of which an event must have each. */
  readonly words: readonly string[];
}

const uuid = /^[0-9a-f-]{36}$/i;

function valuesOf(terms: readonly Term[], qualifier: Qualifier): string[] | null {
  const values = terms.filter((term) => term.qualifier === qualifier).map(({ value }) => value);
  return values.length === 0 ? null : [...new Set(values)];
}

/**
 * Names become ids, also of archived ones that had the name before; a name that no credential within the actor's limits has is
 * left out and told.
 */
async function credentialsOf(db: Database, actor: Actor, given: readonly string[]) {
  const { rows } = await db.pool.query<{ id: string; name: string }>(
    `select c.id, c.name from credentials c where c.name = any($3) and ${credentialInScope}`,
    [...scopeValues(actor), given],
  );
  const ids = given.flatMap((one) => {
    const known = rows.filter(({ name }) => name === one);
    return known.length === 0 && uuid.test(one) ? one.toLowerCase() : known.map(({ id }) => id);
  });
  const named = new Set(rows.map(({ name }) => name));
  return { ids: [...new Set(ids)], unknown: given.filter((one) => !named.has(one) && !uuid.test(one)) };
}

/**
 * The credentials that are asked for and, where environments are, in one of them, archived ones too. Whoever is limited to
 * some credentials sees the events of those and no others. Environments that none of them is in are told.
 */
async function within(
  db: Database,
  actor: Actor,
  asked: readonly string[] | null,
  environments: readonly string[] | null,
): Promise<{ ids: readonly string[] | null; unknownEnvironments: readonly string[] }> {
  if (scopeOf(actor) === null && environments === null) {
    return { ids: asked, unknownEnvironments: [] };
  }
  const { rows } = await db.pool.query<{ id: string; environment: string }>(
    `select c.id, c.environment from credentials c
      where ${credentialInScope} and ($3::text[] is null or c.environment = any($3))`,
    [...scopeValues(actor), environments],
  );
  const wanted = asked === null ? null : new Set(asked);
  const found = new Set(rows.map(({ environment }) => environment));
  return {
    ids: rows.flatMap(({ id }) => (wanted === null || wanted.has(id) ? [id] : [])),
    unknownEnvironments: environments?.filter((one) => !found.has(one)) ?? [],
  };
}

export interface Question {
  readonly terms: readonly Term[];
  readonly filter: Filter;
  /** Names in `credential:` that no credential has. */
  readonly unknown: readonly string[];
  /** Names in `environment:` that no credential is in. */
  readonly unknownEnvironments: readonly string[];
}

/** Reads a line as a question, within what the actor may see. A line that cannot be answered as it stands is refused with one sentence for each part. */
export async function questionOf(db: Database, actor: Actor, line: string): Promise<Question> {
  const { terms, problems } = parseQuery(line);
  if (problems.length > 0) {
    const message = problems.map((problem) => problem.message).join('\n');
    throw new Problem(422, 'bad_query', message, {}, { q: message });
  }
  const named = valuesOf(terms, 'credential');
  const credentials = named === null ? null : await credentialsOf(db, actor, named);
  const environments = valuesOf(terms, 'environment');
  const { ids, unknownEnvironments } = await within(db, actor, credentials?.ids ?? null, environments);
  const created = parseCreated(valuesOf(terms, 'created')?.[0] ?? '');
  const range = 'problem' in created ? { from: null, until: null } : created;
  const outcomes = valuesOf(terms, 'outcome');
  return {
    terms,
    unknown: credentials?.unknown ?? [],
    unknownEnvironments,
    filter: {
      actors: valuesOf(terms, 'actor'),
      actions: valuesOf(terms, 'action'),
      credentials: ids,
      outcomes: outcomes?.filter((one) => one === 'success' || one === 'failure') ?? null,
      rotations: valuesOf(terms, 'rotation'),
      requests: valuesOf(terms, 'request'),
      ...range,
      words: [...new Set(terms.flatMap((term) => (term.qualifier === 'text' ? wordsOf(term.value) : [])))],
    },
  };
}
