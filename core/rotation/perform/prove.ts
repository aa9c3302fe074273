import { describe } from '#core/rotation/describe.ts';
import type { Effect } from '#core/rotation/perform/effect.ts';
import { secondsToPropagate } from '#core/rotation/perform/verify.ts';

/** Tries the old secret and expects to be refused. An acceptance counts only once propagation has passed. */
export const prove: Effect = async (loaded, bindingId) => {
  const { issuer, situation } = loaded;
  const { from, now } = situation;
  if (from === null || issuer.can.failedSignIns === 'none') {
    return { bindingId, ended: 'done' };
  }
  const verdict = await issuer.ask(from.id, (connector, call) => connector.verify(call, loaded.openFrom()));
  const named = { version: from.n, fingerprint: from.fingerprint.slice(0, 12) };
  if (verdict === 'rejected') {
    const revoked = from.state === 'revoked' ? {} : { state: 'revoked', revoked_at: now };
    return {
      bindingId,
      ended: 'done',
      commit: {
        patch: { versions: [{ id: from.id, ...revoked, proven_dead_at: now }] },
        events: [{ action: 'secret.proven_dead', ...describe(situation), ...named }],
      },
    };
  }
  const since = situation.gapStartedAt ?? situation.phaseAt;
  const seconds = secondsToPropagate(situation, since);
  if (verdict === 'accepted' && seconds > 0) {
    return { bindingId, ended: 'waiting', seconds };
  }
  const message =
    verdict === 'accepted'
      ? `${issuer.name} still accepts version ${from.n}, which was retired.`
      : `${issuer.name} does not say whether version ${from.n} still works.`;
  return {
    bindingId,
    ended: 'failed',
    failure: { message, retry: verdict === 'accepted' ? 'never' : 'later', hold: 'not_provable' },
  };
};
