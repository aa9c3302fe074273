import { z } from 'zod';
import { roles } from '#core/access/actor.ts';
import type { Db } from '#lib/db.ts';
import { notFound, Problem } from '#lib/problem.ts';

export const nameInput = z
  .string()
  .trim()
  .min(1, 'A client needs a name.')
  .max(80, 'A name has 80 characters at most.');

export const roleInput = z.enum(roles);

/** Refuses a name that a live client has; one that was revoked gives its name free. */
export async function requireFreeName(tx: Db, name: string, except?: string): Promise<void> {
  const taken = await tx.apiClient.findFirst({ where: { name, revokedAt: null } });
  if (taken !== null && taken.id !== except) {
    throw new Problem(
      409,
      'name_taken',
      `There is already an API client called ${name}. Nothing was changed; choose another name, or rotate its secret.`,
      {},
      { name: 'Another API client has this name.' },
    );
  }
}

interface LockedClient {
  id: string;
  name: string;
  role: string;
  environments: string[];
  labels: string[];
  has_keys: boolean;
  /** The credential through which Rekey itself rotates this client. */
  credential: string | null;
}

/** The client, which nothing else changes until the transaction ends. Throws when there is none, or it is revoked. */
export async function lockClient(tx: Db, clientId: string): Promise<LockedClient> {
  const [client] = await tx.$queryRaw<LockedClient[]>`
    select c.id, c.name, c.role, c.environments, c.labels, c.jwks is not null as has_keys,
           (select k.name from credentials k join issuers i on i.id = k.issuer_id
             where i.kind = 'builtin' and k.place ->> 'clientId' = c.id::text and k.archived_at is null
             limit 1) as credential
      from api_clients c where c.id = ${clientId}::uuid and c.revoked_at is null for update of c`;
  if (client === undefined) {
    throw notFound('API client');
  }
  return client;
}

/** Refuses what would leave a credential's versions behind: they and the client's secrets belong together. */
export function requireUnmanaged({ name, credential }: LockedClient): void {
  if (credential !== null) {
    throw new Problem(
      409,
      'managed',
      `Rekey rotates ${name} as the credential ${credential} and delivers its secret, so this is not done by hand; nothing was changed.`,
    );
  }
}
