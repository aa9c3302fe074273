import { ConnectorError } from '#connectors/contract.ts';
import { describe } from '#core/rotation/describe.ts';
import type { Effect } from '#core/rotation/perform/effect.ts';

/** Retires the previous secret at the issuer. Never before every required binding is confirmed: decide's order sees to it. */
export const revoke: Effect = async (loaded, bindingId, ready) => {
  const { issuer, situation, fromExternalId } = loaded;
  const { from } = situation;
  const { revoke: retire } = issuer.connector;
  if (from === null) {
    return { bindingId, ended: 'done' };
  }
  if (retire === undefined || fromExternalId === null) {
    throw new ConnectorError(
      `${issuer.name} cannot revoke version ${from.n}: its name at the issuer is not known.`,
      'never',
    );
  }
  const fields = issuer.can.revokeNeedsValue ? loaded.openFrom() : undefined;
  await ready();
  await issuer.ask(from.id, (_connector, call) => retire(call, fromExternalId, fields));
  const named = { version: from.n, fingerprint: from.fingerprint.slice(0, 12) };
  return {
    bindingId,
    ended: 'done',
    commit: {
      patch: {
        versions: [{ id: from.id, state: 'revoked', revoked_at: situation.now, ends_at: situation.now }],
      },
      events: [{ action: 'secret.revoked', ...describe(situation), ...named }],
    },
  };
};
