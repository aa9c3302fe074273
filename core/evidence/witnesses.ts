import path from 'node:path';
import type { Witness } from '#core/evidence/witness.ts';
import { fileWitness } from '#core/evidence/witness-file.ts';
import { storeWitness } from '#core/evidence/witness-store.ts';
import { webhookWitness } from '#core/evidence/witness-webhook.ts';
import { env } from '#lib/env.ts';

/** Who is told checkpoints here: always a file in the data folder, and what the environment names. */
export function listWitnesses(): Witness[] {
  const { REKEY_DATA_DIR, REKEY_AUDIT_WEBHOOK, REKEY_AUDIT_STORE, REKEY_AUDIT_STORE_ACCESS } = env();
  const witnesses = [fileWitness(path.join(REKEY_DATA_DIR, 'audit-witness.jsonl'))];
  if (REKEY_AUDIT_WEBHOOK !== undefined) witnesses.push(webhookWitness(REKEY_AUDIT_WEBHOOK));
  if (REKEY_AUDIT_STORE !== undefined && REKEY_AUDIT_STORE_ACCESS !== undefined) {
    witnesses.push(storeWitness(REKEY_AUDIT_STORE, REKEY_AUDIT_STORE_ACCESS));
  }
  return witnesses;
}
