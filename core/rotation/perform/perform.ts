import { ConnectorError } from '#connectors/contract.ts';
import type { Performed } from '#core/rotation/decide.ts';
import type { Hold } from '#core/rotation/holds.ts';
import type { LoadedRotation } from '#core/rotation/load-rotation.ts';
import { awaitSecret } from '#core/rotation/perform/await-secret.ts';
import { clear } from '#core/rotation/perform/clear.ts';
import { confirm } from '#core/rotation/perform/confirm.ts';
import { deliver } from '#core/rotation/perform/deliver.ts';
import type { Effect, Hands } from '#core/rotation/perform/effect.ts';
import { issue } from '#core/rotation/perform/issue.ts';
import { lookAtUse } from '#core/rotation/perform/look-at-use.ts';
import { preflight } from '#core/rotation/perform/preflight.ts';
import { prove } from '#core/rotation/perform/prove.ts';
import { redeploy } from '#core/rotation/perform/redeploy.ts';
import { removeNext } from '#core/rotation/perform/remove-next.ts';
import { revoke } from '#core/rotation/perform/revoke.ts';
import { verify } from '#core/rotation/perform/verify.ts';
import type { Step } from '#core/rotation/situation.ts';
import type { Phase } from '#core/rotation/strategies.ts';

interface Entry {
  effect: Effect;
  /** The hold its failures lead to, where the error itself does not say. */
  hold: Hold;
  /** It changes something outside, or its tries are counted there: its intent is committed before it. */
  intent: boolean;
}

const effects: Partial<Record<Phase, Entry>> = {
  preflight: { effect: preflight, hold: 'issuer_failed', intent: false },
  clear: { effect: clear, hold: 'issuer_failed', intent: true },
  deliver_next: { effect: deliver('next'), hold: 'delivery_exhausted', intent: true },
  confirm_next: { effect: confirm('next'), hold: 'confirmation_pending', intent: false },
  await_secret: { effect: awaitSecret, hold: 'issuer_failed', intent: false },
  issue: { effect: issue, hold: 'issuer_failed', intent: true },
  verify: { effect: verify, hold: 'issuer_failed', intent: false },
  deliver: { effect: deliver('primary'), hold: 'delivery_exhausted', intent: true },
  redeploy: { effect: redeploy, hold: 'delivery_exhausted', intent: true },
  confirm: { effect: confirm('primary'), hold: 'confirmation_pending', intent: false },
  overlap: { effect: lookAtUse, hold: 'issuer_failed', intent: false },
  revoke: { effect: revoke, hold: 'issuer_failed', intent: true },
  prove: { effect: prove, hold: 'issuer_failed', intent: true },
  remove_next: { effect: removeNext, hold: 'delivery_exhausted', intent: true },
};

function entryOf(phase: Phase): Entry {
  const entry = effects[phase];
  if (entry === undefined) {
    throw new Error(`The phase ${phase} has no outside effect.`);
  }
  return entry;
}

/** Whether the phase's intent has to be stored before its effect. */
export const needsIntent = (phase: Phase) => entryOf(phase).intent;

function holdFor(error: ConnectorError, otherwise: Hold, ofIssuer: boolean): Hold {
  if (error.because === 'permission') {
    return 'permission_missing';
  }
  // Of an issuer it means that no slot is free; a target's conflict is about something else, which its message names.
  if (error.because === 'conflict' && ofIssuer) {
    return 'slot_full';
  }
  return error.retry === 'unknown' && otherwise === 'issuer_failed' ? 'outcome_unknown' : otherwise;
}

/** Performs one effect of the rotation's phase. A connector's error becomes a result; losing the fence is thrown. */
export async function perform(loaded: LoadedRotation, step: Step, hands: Hands): Promise<Performed> {
  const { effect, hold } = entryOf(loaded.situation.phase);
  const { bindingId } = step;
  try {
    // A worker that was frozen since its intent was stored may have been replaced meanwhile.
    if (needsIntent(loaded.situation.phase)) {
      await hands.ready();
    }
    return await effect(loaded, step, hands);
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
        hold: holdFor(error, hold, bindingId === null),
        ofIssuer: bindingId === null,
        ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      },
    };
  }
}
