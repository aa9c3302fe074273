import { z } from 'zod';
import type { Actor, Scope } from '#core/access/actor.ts';
import { Problem } from '#lib/problem.ts';

/** Names of environments or of labels, as somebody is limited to them. */
export const limitWords = z.array(z.string().trim().min(1).max(50)).max(50);

/** Refuses limits of an admin, who looks after everything. `first` says what makes it possible. */
export function requireLimitable(role: string, scope: Scope, first: string): void {
  if (role === 'admin' && scope.environments.length + scope.labels.length > 0) {
    throw new Problem(
      409,
      'admin_not_limited',
      `An admin cannot be limited. ${first} first; nothing was changed.`,
    );
  }
}

/** The limits of an actor; null for one who has none. */
export function scopeOf(actor: Actor): Scope | null {
  const scope = actor.kind === 'system' ? undefined : actor.scope;
  return scope === undefined || (scope.environments.length === 0 && scope.labels.length === 0) ? null : scope;
}

/** The credentials within somebody's limits, as a part of Prisma's `where`. */
export function credentialsWithin({ environments, labels }: Scope) {
  return {
    ...(environments.length === 0 ? {} : { environment: { in: [...environments] } }),
    ...(labels.length === 0 ? {} : { labels: { hasSome: [...labels] } }),
  };
}

/** The same of an actor: the credentials that they see. */
export const credentialsOf = (actor: Actor) =>
  credentialsWithin(scopeOf(actor) ?? { environments: [], labels: [] });

/** The same as a condition on `credentials c`, with the environments and the labels as the first two values. */
export const credentialInScope = `(cardinality($1::text[]) = 0 or c.environment = any($1))
  and (cardinality($2::text[]) = 0 or c.labels && $2)`;

/** The values that `credentialInScope` takes. */
export function scopeValues(actor: Actor): [string[], string[]] {
  const { environments = [], labels = [] } = scopeOf(actor) ?? {};
  return [[...environments], [...labels]];
}

/** Whether an event of this alias of `audit_events` is of a credential within the limits; the values are the same. */
export const eventInScope = (event: 'e' | 'p' | 'n') =>
  `((cardinality($1::text[]) = 0 and cardinality($2::text[]) = 0) or exists (
      select 1 from credentials c where c.id = ${event}.credential_id and ${credentialInScope}))`;
