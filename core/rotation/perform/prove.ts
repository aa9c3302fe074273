import type { Performed } from '#core/rotation/decide.ts';
import { describe } from '#core/rotation/describe.ts';
import { openVersion } from '#core/rotation/load-rotation.ts';
import { type Effect, nameOf } from '#core/rotation/perform/effect.ts';
import { secondsToPropagate } from '#core/rotation/perform/verify.ts';
import { outgoing, type Situation, stepsHere, type VersionFact } from '#core/rotation/situation.ts';

/** Retired at the issuer, whether or not it can be shown. */
function retired(version: VersionFact, at: Date) {
  const state = version.state === 'discarded' || version.state === 'revoked' ? {} : { state: 'revoked' };
  return { id: version.id, ...state, ...(version.revokedAt === null ? { revoked_at: at } : {}) };
}

/** From when on the issuer's nodes must refuse it. */
const diedAt = ({ phaseAt }: Situation, { endsAt, revokedAt }: VersionFact) => endsAt ?? revokedAt ?? phaseAt;

/** Tries before this one whose answers nobody recorded; each may have counted at the issuer. A resume counts anew. */
const interruptedTries = (situation: Situation) =>
  stepsHere(situation).filter((step) => step.result === null).length - 1;

const notProvable = (bindingId: string | null, message: string): Performed => ({
  bindingId,
  ended: 'failed',
  failure: { message, retry: 'never', hold: 'not_provable' },
});

/**
 * Tries the outgoing secret and expects to be refused. An acceptance counts only once propagation has passed. Tries
 * are counted with their intents, so that an issuer that locks is never asked too often; one that locks at once is
 * not asked at all, and the version is called revoked and never proven.
 */
export const prove: Effect = async ({ issuer, situation }, { bindingId }, { now }) => {
  const version = outgoing(situation);
  const { failedSignIns } = issuer.can;
  if (version === null) {
    return { bindingId, ended: 'done' };
  }
  if (failedSignIns === 'none') {
    return {
      bindingId,
      ended: 'done',
      commit: { patch: { versions: [retired(version, now())] }, events: [] },
    };
  }
  const interrupted = interruptedTries(situation);
  if (interrupted >= failedSignIns) {
    return notProvable(
      bindingId,
      `The old secret was tried ${interrupted} times without a recorded answer, and ${issuer.name} locks after ${failedSignIns}. It was not tried again.`,
    );
  }
  const verdict = await issuer.ask(version.id, (connector, call) =>
    connector.verify(call, openVersion(version)),
  );
  const at = now();
  if (verdict === 'rejected') {
    return {
      bindingId,
      ended: 'done',
      commit: {
        patch: { versions: [{ ...retired(version, at), proven_dead_at: at }] },
        events: [{ action: 'secret.proven_dead', ...describe(situation), ...nameOf(version) }],
      },
    };
  }
  const seconds = secondsToPropagate(situation, diedAt(situation, version), at);
  if (verdict === 'accepted' && seconds > 0) {
    return { bindingId, ended: 'waiting', seconds };
  }
  return verdict === 'accepted'
    ? notProvable(bindingId, `${issuer.name} still accepts version ${version.n}, which should be dead.`)
    : {
        bindingId,
        ended: 'failed',
        failure: {
          message: `${issuer.name} does not say whether version ${version.n} still works.`,
          retry: 'later',
          hold: 'not_provable',
        },
      };
};
