import type { Fields } from '#connectors/contract.ts';
import type { LoadedRotation } from '#core/rotation/load-rotation.ts';
import { sealFields } from '#core/vault/fields.ts';
import { fingerprint } from '#core/vault/fingerprint.ts';
import { Plaintext } from '#lib/plaintext.ts';

/** The row of a version just received, sealed, and the names that audit events call it by. */
export function newVersion(
  { issuer, nextVersion: n }: LoadedRotation,
  id: string,
  received: { fields: Fields; externalId?: string; hint?: string; expiresAt?: Date },
) {
  const secret = received.fields[issuer.connector.secretField] ?? new Plaintext('');
  const print = fingerprint(secret);
  return {
    row: {
      id,
      n,
      state: 'pending',
      external_id: received.externalId ?? null,
      sealed: sealFields({ table: 'secret_versions', id, field: 'sealed' }, received.fields),
      fingerprint: print,
      hint: received.hint ?? null,
      expires_at: received.expiresAt ?? null,
    },
    named: { version: n, fingerprint: print.slice(0, 12) },
  };
}
