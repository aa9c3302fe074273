import { z } from 'zod';
import type { Actor } from '#core/access/actor.ts';
import { credentialInScope, scopeValues } from '#core/access/scope.ts';
import { stateNames, states } from '#core/credentials/credential-states.ts';

/** What credentials can be asked for. */
export const credentialFilter = z.object({
  /** Part of a name, an owner or a label. */
  q: z.string().trim().max(200).optional(),
  state: z.enum(stateNames as [(typeof stateNames)[number], ...typeof stateNames]).optional(),
  issuerId: z.uuid().optional(),
  targetId: z.uuid().optional(),
  environment: z.string().max(200).optional(),
  label: z.string().max(200).optional(),
  owner: z.string().max(200).optional(),
});

/** Its conditions over the names of FROM, within the limits of who asks, with their values in order. */
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
  add(
    wish.q,
    (q) => `(position(lower(${q}) in lower(c.name)) > 0 or position(lower(${q}) in lower(c.owner)) > 0
             or exists (select 1 from unnest(c.labels) l where position(lower(${q}) in lower(l)) > 0))`,
  );
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
