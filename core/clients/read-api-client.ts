import { z } from 'zod';
import { credentialInScope, scopeValues } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';
import { notFound } from '#lib/problem.ts';

interface SecretRow {
  id: string;
  hint: string;
  createdAt: Date;
  lastUsedAt: Date | null;
  /** When it ends, or ended; null for one that lasts. */
  endsAt: Date | null;
  live: boolean;
}

interface Row {
  id: string;
  name: string;
  role: string;
  environments: string[];
  labels: string[];
  keyIds: string[] | null;
  createdBy: string;
  createdAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
  credentialId: string | null;
  credential: string | null;
}

const iso = (time: Date | null) => time?.toISOString() ?? null;

/**
 * One API client with its secrets, newest first, and the credential through which Rekey rotates it,
 * if one does and is within the limits of who asks. The value of a secret and its hash are shown to nobody.
 */
export const readApiClient = read(
  {
    name: 'read-api-client',
    may: ['admin', 'auditor'],
    scope: 'everything',
    input: z.object({ clientId: z.uuid() }),
  },
  async ({ actor, db }, { clientId }) => {
    const [clients, secrets] = await Promise.all([
      db.pool.query<Row>(
        `select a.id, a.name, a.role, a.environments, a.labels, a.created_by ->> 'name' as "createdBy", a.created_at as "createdAt",
                a.last_used_at as "lastUsedAt", a.revoked_at as "revokedAt",
                k.id as "credentialId", k.name as credential,
                case when a.jwks is not null then array(
                  select coalesce(key ->> 'kid', key ->> 'kty') from jsonb_array_elements(a.jwks -> 'keys') key) end as "keyIds"
           from api_clients a
           left join lateral (select c.id, c.name from credentials c join issuers i on i.id = c.issuer_id
                               where i.kind = 'builtin' and c.place ->> 'clientId' = a.id::text
                                 and c.archived_at is null and ${credentialInScope} limit 1) k on true
          where a.id = $3`,
        [...scopeValues(actor), clientId],
      ),
      db.pool.query<SecretRow>(
        `select id, hint, created_at as "createdAt", last_used_at as "lastUsedAt",
                least(expires_at, revoked_at) as "endsAt",
                revoked_at is null and (expires_at is null or expires_at > rekey_now()) as live
           from api_client_secrets where client_id = $1 order by created_at desc, id desc`,
        [clientId],
      ),
    ]);
    const client = clients.rows[0];
    if (client === undefined) {
      throw notFound('API client');
    }
    return {
      ...client,
      createdAt: client.createdAt.toISOString(),
      lastUsedAt: iso(client.lastUsedAt),
      revokedAt: iso(client.revokedAt),
      secrets: secrets.rows.map((secret) => ({
        ...secret,
        createdAt: secret.createdAt.toISOString(),
        lastUsedAt: iso(secret.lastUsedAt),
        endsAt: iso(secret.endsAt),
      })),
    };
  },
);

export type ApiClientDetails = Awaited<ReturnType<typeof readApiClient>>;
export type ApiClientSecretLine = ApiClientDetails['secrets'][number];
