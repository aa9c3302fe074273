import { open } from '#core/vault/seal.ts';
import { db } from '#lib/db.ts';
import type { Plaintext } from '#lib/plaintext.ts';

/** The secrets that an endpoint's messages are signed with now, the newest first. */
export async function readSecrets(endpointId: string): Promise<Plaintext[]> {
  const { rows } = await db().pool.query<{ id: string; sealed: string }>(
    `select id, sealed from webhook_secrets
      where endpoint_id = $1 and (ends_at is null or ends_at > rekey_now()) order by created_at desc, id desc`,
    [endpointId],
  );
  return rows.map(({ id, sealed }) => open({ table: 'webhook_secrets', id, field: 'sealed' }, sealed));
}
