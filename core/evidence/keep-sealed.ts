import type { Checkpoint } from '#core/audit/checkpoint.ts';
import { sealEvents } from '#core/evidence/seal-events.ts';
import { teller } from '#core/evidence/tell-witness.ts';
import { listWitnesses } from '#core/evidence/witnesses.ts';

let lastError = '';

/** Seals; the same failure is told once and not four times a second. */
async function seal(): Promise<Checkpoint | null> {
  try {
    const newest = await sealEvents();
    lastError = '';
    return newest;
  } catch (error) {
    if (String(error) === lastError) return null;
    lastError = String(error);
    throw error;
  }
}

let tellers: ((checkpoint: Checkpoint) => Promise<void>)[] | undefined;

/** Seals what is new and has the newest checkpoint told to the witnesses, without waiting for any of them. */
export async function keepSealed(): Promise<void> {
  const newest = await seal();
  tellers ??= listWitnesses().map((witness) => teller(witness));
  if (newest !== null) {
    for (const tell of tellers) void tell(newest);
  }
}
