import { ConnectorError, type Issued } from '#connectors/contract.ts';
import { describe } from '#core/rotation/describe.ts';
import type { LoadedRotation } from '#core/rotation/load-rotation.ts';
import { newVersion } from '#core/rotation/new-version.ts';
import type { Effect } from '#core/rotation/perform/effect.ts';
import { sealFields } from '#core/vault/fields.ts';
import { databaseTime } from '#lib/clock.ts';
import { newId } from '#lib/new-id.ts';

/** After a lost answer: what carries our tag is ours and its value is unknown, so it is removed before issuing again. */
async function removeOrphans(
  { issuer, situation }: LoadedRotation,
  ready: () => Promise<void>,
): Promise<void> {
  const { listSecrets, revoke } = issuer.connector;
  const lost = situation.steps.some((step) => step.result !== 'ok');
  // Where there is one slot, the orphan is the only live secret, and issuing again replaces it.
  if (
    !lost ||
    issuer.can.maxLive === 1 ||
    listSecrets === undefined ||
    revoke === undefined ||
    !issuer.can.list
  ) {
    return;
  }
  const listed = await issuer.ask(null, (_connector, call) => listSecrets(call));
  for (const { externalId, tag } of listed) {
    if (tag === situation.rotationId) {
      await ready();
      await issuer.ask(null, (_connector, call) => revoke(call, externalId));
    }
  }
}

function requireUsable(loaded: LoadedRotation, issued: Issued): void {
  const { issuer, situation } = loaded;
  const value = issued.fields[issuer.connector.secretField];
  if (value === undefined || value.expose() === '') {
    throw new ConnectorError(`${issuer.name} answered without a secret.`, 'unknown');
  }
  if (situation.from !== null) {
    const before = loaded.openFrom()[issuer.connector.secretField];
    if (before?.equals(value) === true) {
      throw new ConnectorError(`${issuer.name} answered with the secret that is already current.`, 'unknown');
    }
  }
}

/**
 * When a replaced secret stops working, by the database's clock. The issuer's own clock may differ from ours, so of
 * its answer only the distance from now counts, and no more of it than its propagation time.
 */
async function endOfPrevious({ issuer }: LoadedRotation, { previousEndsAt }: Issued): Promise<Date> {
  const distance = previousEndsAt === undefined ? 0 : previousEndsAt.getTime() - Date.now();
  const most = issuer.can.propagationSeconds * 1000;
  return new Date((await databaseTime()).getTime() + Math.min(most, Math.max(0, distance)));
}

/** Mints the new secret and seals it; the answer exists in memory only until this step's commit. */
export const issue: Effect = async (loaded, bindingId, ready) => {
  const { issuer, situation } = loaded;
  const { issue: mint } = issuer.connector;
  if (mint === undefined) {
    throw new ConnectorError(`${issuer.name} has no API to issue a secret with.`, 'never');
  }
  await removeOrphans(loaded, ready);
  await ready();
  const issued = await issuer.ask(null, (_connector, call) =>
    mint(call, { rotationId: situation.rotationId }),
  );
  requireUsable(loaded, issued);
  const version = newVersion(loaded, newId(), issued);
  const oldEndsAt = issuer.can.maxLive === 1 ? await endOfPrevious(loaded, issued) : null;
  const { credentialId: id } = situation;
  return {
    bindingId,
    ended: 'done',
    commit: {
      patch: {
        versions: [
          version.row,
          ...(oldEndsAt !== null && situation.from !== null
            ? [{ id: situation.from.id, ends_at: oldEndsAt }]
            : []),
        ],
        rotation: {
          to_version: version.row.id,
          ...(oldEndsAt === null ? {} : { gap_started_at: oldEndsAt }),
        },
        ...(issued.placeSecrets === undefined
          ? {}
          : {
              credential: {
                sealed: sealFields({ table: 'credentials', id, field: 'sealed' }, issued.placeSecrets),
              },
            }),
      },
      events: [{ action: 'secret.issued', ...describe(situation), ...version.named }],
    },
  };
};
