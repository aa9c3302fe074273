import type { AuditEvent } from '#core/audit/events.ts';
import { describe } from '#core/rotation/describe.ts';
import { openVersion } from '#core/rotation/load-rotation.ts';
import { type Effect, nameOf } from '#core/rotation/perform/effect.ts';
import { removeTagged } from '#core/rotation/perform/issued-secrets.ts';

/**
 * Revokes what an earlier rotation left working at the issuer, so that a slot is free: after a breach this comes
 * before the new secret is issued.
 */
export const clear: Effect = async (loaded, { bindingId }, { ready, now }) => {
  const { issuer, situation } = loaded;
  const { revoke: retire } = issuer.connector;
  if (retire === undefined) {
    return { bindingId, ended: 'done' };
  }
  for (const version of situation.leftovers) {
    const fields = issuer.can.revokeNeedsValue ? openVersion(version) : undefined;
    await ready();
    await issuer.ask(version.id, (_connector, call) => retire(call, version.externalId ?? '', fields));
  }
  const orphans =
    situation.supersedes === null ? [] : await removeTagged(loaded, situation.supersedes, ready);
  const at = now();
  return {
    bindingId,
    ended: 'done',
    commit: {
      patch: {
        versions: situation.leftovers.map(({ id, state }) => ({
          id,
          ...(state === 'previous' ? { state: 'revoked' } : {}),
          revoked_at: at,
          ends_at: at,
        })),
      },
      events: [
        ...situation.leftovers.map(
          (version): AuditEvent => ({
            action: 'secret.revoked',
            ...describe(situation),
            ...nameOf(version),
          }),
        ),
        ...orphans,
      ],
    },
  };
};
