import { z } from 'zod';

/** The states that a list of credentials can be asked for, in the order in which they are offered. */
export const stateNames = [
  'failing',
  'waiting',
  'overdue',
  'due',
  'overlap',
  'rotating',
  'rolling_back',
  'drifted',
  'paused',
  'unscheduled',
  'expiring',
] as const;

export type CredentialStateName = (typeof stateNames)[number];

/** What a list of credentials can be sorted by. */
export const credentialOrders = ['name', 'age', 'next'] as const;

export type CredentialOrder = (typeof credentialOrders)[number];

/** What credentials can be asked for. */
export const credentialFilter = z.object({
  /** Part of a name, an owner or a label. */
  q: z.string().trim().max(200).optional(),
  state: z.enum(stateNames).optional(),
  issuerId: z.uuid().optional(),
  targetId: z.uuid().optional(),
  environment: z.string().max(200).optional(),
  label: z.string().max(200).optional(),
  owner: z.string().max(200).optional(),
});

/** Whether `credentials c` has what stands at a place of the query as a part of its name, its owner or a label. */
export const credentialSays = (q: string) =>
  `(position(lower(${q}) in lower(c.name)) > 0 or position(lower(${q}) in lower(c.owner)) > 0
     or exists (select 1 from unnest(c.labels) l where position(lower(${q}) in lower(l)) > 0))`;
