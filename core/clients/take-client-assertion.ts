import { z } from 'zod';
import { useCase } from '#core/access/use-case.ts';

const input = z.object({ clientId: z.uuid(), jti: z.string(), secondsLeft: z.number() });

/**
 * Takes the one use that a signed assertion has (RFC 7523 section 3): false when it was used before, also when two
 * arrive at the same time at different processes. It is remembered for a minute longer than it lives, by the database's
 * clock, whatever the clock of the process says.
 */
export const takeClientAssertion = useCase(
  { name: 'take-client-assertion', may: [], stepUp: false, scope: 'everything', input },
  async ({ db }, { clientId, jti, secondsLeft }) => {
    await db.pool.query(`delete from used_assertions where expires_at < rekey_now()`);
    const { rowCount } = await db.pool.query(
      `with used as (
         insert into used_assertions (id, expires_at)
         values (encode(sha256(convert_to($1::text || ' ' || $2, 'UTF8')), 'hex'),
                 rekey_now() + make_interval(secs => $3::float8 + 60))
         on conflict do nothing returning id)
       update api_clients set last_used_at = rekey_now()
        where id = $1::uuid and revoked_at is null and exists (select from used)`,
      [clientId, jti, secondsLeft],
    );
    return rowCount === 1;
  },
);
