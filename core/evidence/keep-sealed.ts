import type { Checkpoint } from '#core/audit/checkpoint.ts';
import { sealEvents } from '#core/evidence/seal-events.ts';
import { teller } from '#core/evidence/tell-witness.ts';
import { listWitnesses } from '#core/evidence/witnesses.ts';
import { db } from '#lib/db.ts';

let lastError = '';

/** Whether the database came out of a backup or is a copy, whose checkpoints are not yet those of the installation. */
async function isRestored(): Promise<boolean> {
  const { rows } = await db().pool.query<{ restored: boolean }>('select is_restored() as restored');
  return rows[0]?.restored === true;
}

/** Seals, and answers what witnesses are told; the same failure is told once and not four times a second. */
async function seal(): Promise<Checkpoint | null> {
  try {
    const newest = await sealEvents();
    const told = (await isRestored()) ? null : newest;
    lastError = '';
    return told;
  } catch (error) {
    if (String(error) === lastError) return null;
    lastError = String(error);
    throw error;
  }
}

let tellers: ((checkpoint: Checkpoint) => Promise<void>)[] | undefined;

/**
 * Seals what is new and has the newest checkpoint told to the witnesses, without waiting for any of them. A database at rest is
 * sealed, and its witnesses are told once it was resumed: a copy would tell those of the original about another log.
 */
export async function keepSealed(): Promise<void> {
  const newest = await seal();
  tellers ??= listWitnesses().map((witness) => teller(witness));
  if (newest !== null) {
    for (const tell of tellers) void tell(newest);
  }
}
