import { auditKey } from '#core/audit/signing-key.ts';
import { type Header, placeOf } from '#core/backup/format.ts';
import { fingerprint } from '#core/vault/fingerprint.ts';
import { open, seal, VaultError } from '#core/vault/seal.ts';
import type { KeyUse } from '#core/vault/sealed-tables.ts';
import { env } from '#lib/env.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { Problem } from '#lib/problem.ts';

/**
 * What tells, without any key, whether a keyring is the one that a backup needs: the master keys that a value of it is sealed with, and
 * the one that seals the file, also where no value is sealed with it yet. One that is missing here already is not asked for.
 */
export function describeKeys(id: string, uses: readonly KeyUse[]): Header['keys'] {
  return {
    master: uses.filter(({ seals, known, values }) => seals || (known && values > 0)).map(({ key }) => key),
    check: seal(placeOf(id, 'keys'), new Plaintext(id)),
    fingerprint: fingerprint(new Plaintext(id)).slice(0, 12),
    audit: auditKey().id,
  };
}

/** Opens what was sealed for a backup; a sentence for whoever has other keys. */
export function openForBackup(id: string, field: 'keys' | 'sha256', sealed: string): string {
  try {
    return open(placeOf(id, field), sealed).expose();
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    throw new Problem(
      409,
      'wrong_keys',
      'The master keys of this server do not open this backup: it was made with others. Put the keys that were kept with it into REKEY_MASTER_KEYS. Nothing was changed.',
    );
  }
}

/** Refuses, with a `Problem`, a backup whose secrets would not open here, or could not be recognized. */
export function requireKeys({ id, keys }: Header): void {
  const missing = keys.master.filter((key) => !env().REKEY_MASTER_KEYS.has(key));
  if (missing.length > 0) {
    throw new Problem(
      409,
      'wrong_keys',
      `This backup is sealed with the master key ${missing.join(', ')}, which is not in REKEY_MASTER_KEYS. Add it, behind the first one, and restore again. Nothing was changed.`,
    );
  }
  openForBackup(id, 'keys', keys.check);
  if (fingerprint(new Plaintext(id)).slice(0, 12) !== keys.fingerprint) {
    throw new Problem(
      409,
      'wrong_keys',
      'REKEY_FINGERPRINT_KEY is another one than when this backup was made, so no value in it would be found again. Set the one that was kept with it. Nothing was changed.',
    );
  }
}
