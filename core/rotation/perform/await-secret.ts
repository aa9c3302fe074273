import { openVersion } from '#core/rotation/load-rotation.ts';
import type { Effect } from '#core/rotation/perform/effect.ts';

const POLL_SECONDS = 5;
/** Once the vendor has replaced the secret there is nothing to find out; the paste rings. */
const REPLACED_SECONDS = 3600;

/**
 * While a person rotates on the vendor's page, the current secret is tried every five seconds. Its first refusal
 * starts the gap clock; a recorded refusal is not repeated, so that the vendor's lock-out is never near.
 */
export const awaitSecret: Effect = async ({ issuer, situation }, { bindingId }, { now }) => {
  const { from, gapStartedAt } = situation;
  if (gapStartedAt !== null || from === null) {
    return { bindingId, ended: 'waiting', seconds: REPLACED_SECONDS };
  }
  const verdict = await issuer.ask(from.id, (connector, call) => connector.verify(call, openVersion(from)));
  if (verdict !== 'rejected') {
    return { bindingId, ended: 'waiting', seconds: POLL_SECONDS };
  }
  return {
    bindingId,
    ended: 'waiting',
    seconds: REPLACED_SECONDS,
    commit: { patch: { rotation: { gap_started_at: now() } }, events: [] },
  };
};
