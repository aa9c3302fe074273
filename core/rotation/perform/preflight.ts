import { ConnectorError } from '#connectors/contract.ts';
import type { LoadedRotation, OpenBinding } from '#core/rotation/load-rotation.ts';
import type { Effect } from '#core/rotation/perform/effect.ts';
import type { Failure } from '#core/rotation/situation.ts';

async function requireFreeSlot({ issuer, situation }: LoadedRotation): Promise<void> {
  const { listSecrets } = issuer.connector;
  if (issuer.can.maxLive === 1 || listSecrets === undefined || !issuer.can.list) {
    return;
  }
  const live = await issuer.ask(null, (_connector, call) => listSecrets(call));
  // What earlier rotations left is cleared away before anything is issued.
  const cleared = new Set(situation.leftovers.map(({ externalId }) => externalId));
  const staying = live.filter(
    ({ externalId, tag }) =>
      !cleared.has(externalId) &&
      (tag === undefined || tag !== situation.supersedes || externalId === situation.from?.externalId),
  );
  if (staying.length >= issuer.can.maxLive) {
    const others = staying.filter(({ externalId }) => externalId !== situation.from?.externalId);
    const names = others.map(({ externalId }) => externalId).join(', ');
    throw new ConnectorError(
      `It already holds ${staying.length} live secrets of ${situation.credentialName} and accepts ${issuer.can.maxLive}. Remove the one that is not in use: ${names}.`,
      'never',
      { because: 'conflict' },
    );
  }
}

async function checkTarget({ target, required }: OpenBinding): Promise<Failure | null> {
  try {
    await target.ask(null, (connector, call) => connector.check(call));
    return null;
  } catch (error) {
    if (!required || !(error instanceof ConnectorError)) {
      return null;
    }
    const hold = error.because === 'permission' ? 'permission_missing' : 'target_unhealthy';
    return { message: error.message, retry: error.retry, hold };
  }
}

/** Before anything changes: the issuer answers and permits, a slot is free, and every required target can be written. */
export const preflight: Effect = async (loaded, { bindingId }) => {
  const { issuer, bindings } = loaded;
  await issuer.ask(null, (connector, call) => connector.check(call));
  await requireFreeSlot(loaded);
  const failures = await Promise.all(bindings.map(checkTarget));
  const failure = failures.find((one) => one !== null);
  return failure === undefined || failure === null
    ? { bindingId, ended: 'done' }
    : { bindingId, ended: 'failed', failure };
};
