import type { Checkpoint } from '#core/audit/checkpoint.ts';
import { sealEvents } from '#core/evidence/seal-events.ts';
import type { Witness } from '#core/evidence/witness.ts';
import { listWitnesses } from '#core/evidence/witnesses.ts';
import { log } from '#lib/log.ts';

const LONGEST_WAIT_MS = 60_000;

/** Tells a witness each newest checkpoint, one at a time, and again with growing waits while it does not answer. */
function teller(witness: Witness): (checkpoint: Checkpoint) => void {
  let told = 0;
  let failures = 0;
  let busy = false;
  let nextAt = 0;

  async function tell(checkpoint: Checkpoint): Promise<void> {
    try {
      await witness.tell(checkpoint);
      if (failures > 0) log.info({ witness: witness.name }, 'a witness of the audit log answers again');
      told = checkpoint.n;
      failures = 0;
      nextAt = performance.now() + witness.everyMs;
    } catch (error) {
      failures += 1;
      nextAt = performance.now() + Math.min(LONGEST_WAIT_MS, 500 * 2 ** failures);
      if (failures === 1) {
        log.warn(
          { err: error, witness: witness.name },
          'a witness of the audit log does not take checkpoints; it is told again',
        );
      }
    }
    busy = false;
  }

  return (checkpoint) => {
    if (!busy && checkpoint.n > told && performance.now() >= nextAt) {
      busy = true;
      void tell(checkpoint);
    }
  };
}

let tellers: ((checkpoint: Checkpoint) => void)[] | undefined;

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

/** Seals what is new and has the newest checkpoint told to the witnesses, without waiting for any of them. */
export async function keepSealed(): Promise<void> {
  const newest = await seal();
  tellers ??= listWitnesses().map(teller);
  if (newest !== null) {
    for (const tell of tellers) tell(newest);
  }
}
