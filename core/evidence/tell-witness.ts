import { type Checkpoint, checkpointHash } from '#core/audit/checkpoint.ts';
import type { Witness } from '#core/evidence/witness.ts';
import { log } from '#lib/log.ts';

const LONGEST_WAIT_MS = 60_000;

/**
 * Tells a witness what it is given, one checkpoint at a time, and none that it was told already. While it does not answer
 * it is told with growing waits, and then the one that is the newest by then. It never throws; nobody needs to wait for it.
 */
export function teller(
  witness: Witness,
  now: () => number = () => performance.now(),
): (checkpoint: Checkpoint) => Promise<void> {
  // By its hash: a database that was restored begins anew with smaller numbers.
  let told = '';
  let failures = 0;
  let busy = false;
  let nextAt = Number.NEGATIVE_INFINITY;

  function noteFailure(error: unknown): void {
    failures += 1;
    nextAt = now() + Math.min(LONGEST_WAIT_MS, 500 * 2 ** failures);
    if (failures === 1) {
      const said = 'a witness of the audit log does not take checkpoints; it is told again';
      log.warn({ err: error, witness: witness.name }, said);
    }
  }

  return async (checkpoint) => {
    const hash = checkpointHash(checkpoint);
    if (busy || hash === told || now() < nextAt) return;
    busy = true;
    try {
      await witness.tell(checkpoint);
      if (failures > 0) log.info({ witness: witness.name }, 'a witness of the audit log answers again');
      [told, failures, nextAt] = [hash, 0, now() + witness.everyMs];
    } catch (error) {
      noteFailure(error);
    } finally {
      busy = false;
    }
  };
}
