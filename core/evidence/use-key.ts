import type { PoolClient } from 'pg';
import { type Checkpoint, isSignedBy, keyIdOf, publicKeyFrom } from '#core/audit/checkpoint.ts';
import type { AuditKey } from '#core/audit/signing-key.ts';
import { env } from '#lib/env.ts';

const REWRITTEN =
  'If nobody changed the key, somebody rewrote the log: keep the database as it is, and compare it with a witness.';

/** A batch that says that it is of our key is. */
function requireSignature(newest: Checkpoint, key: AuditKey): void {
  if (isSignedBy(newest, key.publicKey)) return;
  throw new Error(
    `The newest batch of the audit log, ${newest.n}, is not as this installation's key ${key.id} signed it: somebody altered it. This worker seals nothing; keep the database as it is, and compare it with a witness (rekey audit verify).`,
  );
}

/** Only the environment says which key was there before: whoever rewrote the log wrote into the database, too, whose key they like. */
function requirePredecessor(newest: Checkpoint, key: AuditKey): void {
  const named = env().REKEY_AUDIT_KEY_BEFORE;
  const id = named === undefined ? null : keyIdOf(named);
  if (named !== undefined && id === newest.keyId && isSignedBy(newest, publicKeyFrom(named))) return;
  const other = id === null ? '' : ` The key that REKEY_AUDIT_KEY_BEFORE names now, ${id}, did not sign it.`;
  throw new Error(
    `The newest batch of the audit log, ${newest.n}, is of the key ${newest.keyId}, and REKEY_AUDIT_KEY is the key ${key.id}. This worker seals nothing. If you changed the key, set REKEY_AUDIT_KEY_BEFORE to the public key of ${newest.keyId}, which rekey audit verify prints where REKEY_AUDIT_KEY is still the old one.${other} ${REWRITTEN}`,
  );
}

/**
 * Sees that the newest batch is of this installation: signed with its key, or with the one that the environment names as the key
 * before. Makes the key known under its id, and says so in the log where it replaces another. A key that was replaced never
 * seals again, so that two workers with two keys do not take turns.
 */
export async function useKey(client: PoolClient, key: AuditKey, newest: Checkpoint | null): Promise<void> {
  if (newest?.keyId === key.id) return requireSignature(newest, key);
  const { rowCount } = await client.query(
    'insert into audit_keys (id, public_key) values ($1, $2) on conflict do nothing',
    [key.id, key.raw],
  );
  if (newest === null) return;
  if (rowCount === 0) {
    throw new Error(
      `REKEY_AUDIT_KEY is the key ${key.id}, which the key ${newest.keyId} has replaced. This worker seals nothing; give it the newer key. ${REWRITTEN}`,
    );
  }
  requirePredecessor(newest, key);
  const actor = { kind: 'system', id: null, name: 'sealer' };
  const event = {
    action: 'key.rotated',
    outcome: 'success',
    actor,
    key: 'audit',
    from: newest.keyId,
    to: key.id,
  };
  await client.query('select record_event($1)', [JSON.stringify(event)]);
}
