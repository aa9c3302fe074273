import type { z } from 'zod';
import type { Actor } from '#core/access/actor.ts';
import { type credentialFilter, credentialSays } from '#core/access/credential-filter.ts';
import { credentialInScope, scopeValues } from '#core/access/scope.ts';
import { states } from '#core/credentials/credential-states.ts';

/** The conditions of a filter over the names of FROM, within the limits of who asks, with their values in order. */
export function filterConditions(
  actor: Actor,
  wish: z.output<typeof credentialFilter>,
): { all: string[]; values: unknown[] } {
  const values: unknown[] = [...scopeValues(actor)];
  const all = ['c.archived_at is null', credentialInScope];
  const add = (value: unknown, condition: (place: string) => string) => {
    if (value !== undefined && value !== '') {
      values.push(value);
      all.push(condition(`$${values.length}`));
    }
  };
  add(wish.q, credentialSays);
  add(wish.issuerId, (id) => `c.issuer_id = ${id}`);
  add(
    wish.targetId,
    (id) =>
      `exists (select 1 from bindings b where b.credential_id = c.id and b.archived_at is null and b.target_id = ${id})`,
  );
  add(wish.environment, (name) => `c.environment = ${name}`);
  add(wish.label, (label) => `${label} = any(c.labels)`);
  add(wish.owner, (owner) => `c.owner = ${owner}`);
  if (wish.state !== undefined) {
    all.push(states[wish.state]);
  }
  return { all, values };
}
