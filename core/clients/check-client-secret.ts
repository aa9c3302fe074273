import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { useCase } from '#core/access/use-case.ts';
import { Plaintext } from '#lib/plaintext.ts';

const input = z.object({
  clientId: z.uuid(),
  secret: z
    .string()
    .max(1024)
    .transform((value) => new Plaintext(value)),
});

interface Row {
  id: string;
  hash: string;
}

/**
 * Whether an API client can sign in with a secret now; notes the use. All its secrets are compared, each in constant
 * time. The note is made under the same condition as the answer, so a secret that was ended a moment ago is refused.
 */
export const checkClientSecret = useCase(
  { name: 'check-client-secret', may: [], stepUp: false, scope: 'everything', input },
  async ({ db }, { clientId, secret }) => {
    const { rows } = await db.pool.query<Row>(
      'select id, hash from api_client_secrets where client_id = $1',
      [clientId],
    );
    const presented = createHash('sha256').update(secret.expose()).digest();
    const [match] = rows.filter(({ hash }) => timingSafeEqual(Buffer.from(hash, 'hex'), presented));
    const { rowCount } = await db.pool.query(
      `with used as (
         update api_client_secrets set last_used_at = rekey_now()
          where id = $1 and revoked_at is null and (expires_at is null or expires_at > rekey_now())
         returning client_id)
       update api_clients c set last_used_at = rekey_now()
         from used where c.id = used.client_id and c.revoked_at is null`,
      [match?.id ?? null],
    );
    return rowCount === 1;
  },
);
