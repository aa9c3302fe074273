import { seal } from '#core/vault/seal.ts';
import type { Db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import type { Plaintext } from '#lib/plaintext.ts';
import { newSigningSecret } from '#lib/standard-webhook.ts';

/** Makes a signing secret for an endpoint and seals it. What is answered is to be shown once. */
export async function storeSecret(tx: Db, endpointId: string): Promise<Plaintext> {
  const { secret, hint } = newSigningSecret();
  const id = newId();
  const sealed = seal({ table: 'webhook_secrets', id, field: 'sealed' }, secret);
  await tx.webhookSecret.create({ data: { id, endpointId, sealed, hint } });
  return secret;
}
