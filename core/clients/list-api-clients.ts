import { z } from 'zod';
import { read } from '#core/access/use-case.ts';

interface Row {
  id: string;
  name: string;
  role: string;
  environments: string[];
  labels: string[];
  signsInWith: 'secret' | 'key';
  /** Secrets that work now. */
  liveSecrets: number;
  createdAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}

/** The API clients, live ones first, by name. */
export const listApiClients = read(
  { name: 'list-api-clients', may: ['admin', 'auditor'], scope: 'everything', input: z.object({}) },
  async ({ db }) => {
    const { rows } = await db.pool.query<Row>(
      `select c.id, c.name, c.role, c.environments, c.labels,
              case when c.jwks is null then 'secret' else 'key' end as "signsInWith",
              (select count(*)::int from api_client_secrets s
                where s.client_id = c.id and s.revoked_at is null
                  and (s.expires_at is null or s.expires_at > rekey_now())) as "liveSecrets",
              c.created_at as "createdAt", c.last_used_at as "lastUsedAt", c.revoked_at as "revokedAt"
         from api_clients c order by c.revoked_at is not null, c.name, c.id`,
    );
    return rows.map(({ createdAt, lastUsedAt, revokedAt, ...row }) => ({
      ...row,
      createdAt: createdAt.toISOString(),
      lastUsedAt: lastUsedAt?.toISOString() ?? null,
      revokedAt: revokedAt?.toISOString() ?? null,
    }));
  },
);

export type ApiClientLine = Awaited<ReturnType<typeof listApiClients>>[number];
