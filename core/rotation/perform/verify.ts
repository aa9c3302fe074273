import { openVersion } from '#core/rotation/load-rotation.ts';
import { type Effect, requireIncoming } from '#core/rotation/perform/effect.ts';
import type { Situation } from '#core/rotation/situation.ts';

/** Seconds until the issuer's nodes must all know of what happened at `since`; 0 when that time has passed. */
export function secondsToPropagate({ can }: Situation, since: Date | null, now: Date): number {
  if (since === null) {
    return 0;
  }
  return Math.max(0, (since.getTime() + can.propagationSeconds * 1000 - now.getTime()) / 1000);
}

/** When the issuer was told of the incoming version, in this direction. */
const toldAt = ({ steps, direction, phaseAt }: Situation) =>
  steps.findLast((step) => step.phase === 'issue' && step.direction === direction && step.result === 'ok')
    ?.intentAt ?? phaseAt;

/** Signs in with the incoming secret. A refusal counts only once the issuer's propagation time has passed. */
export const verify: Effect = async (loaded, { bindingId }, { now }) => {
  const { issuer, situation } = loaded;
  const version = requireIncoming(loaded);
  const verdict = await issuer.ask(version.id, (connector, call) =>
    connector.verify(call, openVersion(version)),
  );
  if (verdict === 'accepted') {
    return { bindingId, ended: 'done' };
  }
  const seconds = secondsToPropagate(situation, toldAt(situation), now());
  if (verdict === 'rejected' && seconds > 0) {
    return { bindingId, ended: 'waiting', seconds };
  }
  const message =
    verdict === 'rejected'
      ? `${issuer.name} refuses version ${version.n}, also after its ${issuer.can.propagationSeconds} s of propagation.`
      : `${issuer.name} does not say whether version ${version.n} works.`;
  return {
    bindingId,
    ended: 'failed',
    failure: { message, retry: verdict === 'rejected' ? 'never' : 'later', hold: 'verify_rejected' },
  };
};
