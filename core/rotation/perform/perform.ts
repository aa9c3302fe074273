import { ConnectorError } from '#connectors/contract.ts';
import type { Performed } from '#core/rotation/decide.ts';
import type { Hold } from '#core/rotation/holds.ts';
import type { LoadedRotation } from '#core/rotation/load-rotation.ts';
import { awaitSecret } from '#core/rotation/perform/await-secret.ts';
import { confirm } from '#core/rotation/perform/confirm.ts';
import { deliver } from '#core/rotation/perform/deliver.ts';
import type { Effect } from '#core/rotation/perform/effect.ts';
import { issue } from '#core/rotation/perform/issue.ts';
import { preflight } from '#core/rotation/perform/preflight.ts';
import { prove } from '#core/rotation/perform/prove.ts';
import { revoke } from '#core/rotation/perform/revoke.ts';
import { verify } from '#core/rotation/perform/verify.ts';
import type { Phase } from '#core/rotation/strategies.ts';

const effects: Partial<Record<Phase, { effect: Effect; hold: Hold }>> = {
  preflight: { effect: preflight, hold: 'issuer_unhealthy' },
  await_secret: { effect: awaitSecret, hold: 'issuer_unhealthy' },
  issue: { effect: issue, hold: 'issuer_unhealthy' },
  verify: { effect: verify, hold: 'issuer_unhealthy' },
  deliver: { effect: deliver, hold: 'delivery_exhausted' },
  confirm: { effect: confirm, hold: 'confirmation_pending' },
  revoke: { effect: revoke, hold: 'issuer_unhealthy' },
  prove: { effect: prove, hold: 'issuer_unhealthy' },
};

function holdFor(error: ConnectorError, otherwise: Hold): Hold {
  if (error.because === 'permission') {
    return 'permission_missing';
  }
  if (error.because === 'conflict') {
    return 'slot_full';
  }
  return error.retry === 'unknown' && otherwise === 'issuer_unhealthy' ? 'outcome_unknown' : otherwise;
}

/** Performs one effect of the rotation's phase. A connector's error becomes a result; losing the fence is thrown. */
export async function perform(
  loaded: LoadedRotation,
  bindingId: string | null,
  ready: () => Promise<void>,
): Promise<Performed> {
  const entry = effects[loaded.situation.phase];
  if (entry === undefined) {
    throw new Error(`The phase ${loaded.situation.phase} has no outside effect.`);
  }
  try {
    return await entry.effect(loaded, bindingId, ready);
  } catch (error) {
    if (!(error instanceof ConnectorError)) {
      throw error;
    }
    const { message, retry, retryAfterSeconds } = error;
    return {
      bindingId,
      ended: 'failed',
      failure: {
        message,
        retry,
        hold: holdFor(error, entry.hold),
        ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      },
    };
  }
}
