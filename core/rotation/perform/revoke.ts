import { ConnectorError } from '#connectors/contract.ts';
import { describe } from '#core/rotation/describe.ts';
import { openVersion } from '#core/rotation/load-rotation.ts';
import { type Effect, nameOf } from '#core/rotation/perform/effect.ts';
import { removeTagged } from '#core/rotation/perform/issued-secrets.ts';
import { incoming, outgoing } from '#core/rotation/situation.ts';

/**
 * Retires the outgoing secret at the issuer. Never before every required binding is confirmed: decide's order sees to
 * it. On the way back it also removes what carries this rotation's tag and was lost with an answer; the old secret has no end any
 * more where the issuer makes it permanent by that.
 */
export const revoke: Effect = async (loaded, { bindingId }, { ready, now }) => {
  const { issuer, situation } = loaded;
  const { direction, rotationId } = situation;
  const version = outgoing(situation);
  const { revoke: retire } = issuer.connector;
  const orphans = direction === 'back' ? await removeTagged(loaded, rotationId, ready) : [];
  if (version === null || (direction === 'back' && version.externalId === null)) {
    return { bindingId, ended: 'done', commit: { patch: {}, events: orphans } };
  }
  const { externalId } = version;
  if (retire === undefined || externalId === null) {
    throw new ConnectorError(
      `${issuer.name} cannot revoke version ${version.n}: its name at the issuer is not known.`,
      'never',
    );
  }
  const fields = issuer.can.revokeNeedsValue ? openVersion(version) : undefined;
  if (direction === 'back') {
    await ready();
  }
  await issuer.ask(version.id, (_connector, call) => retire(call, externalId, fields));
  const state = version.state === 'discarded' ? {} : { state: 'revoked' };
  const at = now();
  const old = direction === 'back' && issuer.can.wayBack === 'old stays' ? incoming(situation) : null;
  const kept = old === null ? [] : [{ id: old.id, ends_at: null }];
  return {
    bindingId,
    ended: 'done',
    commit: {
      patch: { versions: [{ id: version.id, ...state, revoked_at: at, ends_at: at }, ...kept] },
      events: [...orphans, { action: 'secret.revoked', ...describe(situation), ...nameOf(version) }],
    },
  };
};
