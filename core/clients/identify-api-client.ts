import { z } from 'zod';
import { roles } from '#core/access/actor.ts';
import { read } from '#core/access/use-case.ts';

interface Row {
  id: string;
  name: string;
  role: string;
  environments: string[];
  labels: string[];
  /** Its public keys (RFC 7517), where it signs in with an assertion and not with a secret. */
  jwks: Record<string, unknown> | null;
}

/**
 * The API client that a token speaks for, read at every call, so that a revoked client's tokens, a changed role
 * and changed limits count at once. Null when there is none, or it is revoked.
 */
export const identifyApiClient = read(
  { name: 'identify-api-client', may: [], scope: 'everything', input: z.object({ clientId: z.uuid() }) },
  async ({ db }, { clientId }) => {
    const { rows } = await db.pool.query<Row>(
      'select id, name, role, environments, labels, jwks from api_clients where id = $1 and revoked_at is null',
      [clientId],
    );
    const row = rows[0];
    const role = roles.find((known) => known === row?.role);
    return row === undefined || role === undefined ? null : { ...row, role };
  },
);
