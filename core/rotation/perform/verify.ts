import type { Effect } from '#core/rotation/perform/effect.ts';
import type { Situation } from '#core/rotation/situation.ts';

/** Seconds until the issuer's nodes must all know of what happened at `since`; 0 when that time has passed. */
export function secondsToPropagate({ can, now }: Situation, since: Date | null): number {
  if (since === null) {
    return 0;
  }
  return Math.max(0, (since.getTime() + can.propagationSeconds * 1000 - now.getTime()) / 1000);
}

/** Signs in with the new secret. A refusal counts only once the issuer's propagation time has passed. */
export const verify: Effect = async (loaded, bindingId) => {
  const { issuer, situation } = loaded;
  const verdict = await issuer.ask(situation.to?.id ?? null, (connector, call) =>
    connector.verify(call, loaded.openTo()),
  );
  if (verdict === 'accepted') {
    return { bindingId, ended: 'done' };
  }
  const seconds = secondsToPropagate(situation, situation.issuedAt);
  if (verdict === 'rejected' && seconds > 0) {
    return { bindingId, ended: 'waiting', seconds };
  }
  const message =
    verdict === 'rejected'
      ? `${issuer.name} refuses the new secret, also after its ${issuer.can.propagationSeconds} s of propagation.`
      : `${issuer.name} does not say whether the new secret works.`;
  return {
    bindingId,
    ended: 'failed',
    failure: { message, retry: verdict === 'rejected' ? 'never' : 'later', hold: 'verify_rejected' },
  };
};
