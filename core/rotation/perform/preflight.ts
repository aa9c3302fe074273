import { ConnectorError } from '#connectors/contract.ts';
import type { LoadedRotation } from '#core/rotation/load-rotation.ts';
import type { Effect } from '#core/rotation/perform/effect.ts';

async function requireFreeSlot({ issuer, situation }: LoadedRotation): Promise<void> {
  const { listSecrets } = issuer.connector;
  if (situation.strategy !== 'overlap' || listSecrets === undefined || !issuer.can.list) {
    return;
  }
  const live = await issuer.ask(null, (_connector, call) => listSecrets(call));
  if (live.length >= issuer.can.maxLive) {
    const names = live.map((secret) => secret.externalId).join(', ');
    throw new ConnectorError(
      `${issuer.name} already holds ${live.length} live secrets of ${situation.credentialName} (${names}) and accepts ${issuer.can.maxLive}. Remove the one that is no longer used.`,
      'never',
      { because: 'conflict' },
    );
  }
}

/** Before anything changes: the issuer answers and permits, a slot is free, and every required target can be written. */
export const preflight: Effect = async (loaded, bindingId) => {
  const { issuer, bindings } = loaded;
  await issuer.ask(null, (connector, call) => connector.check(call));
  await requireFreeSlot(loaded);
  for (const { target, required } of bindings) {
    try {
      await target.ask(null, (connector, call) => connector.check(call));
    } catch (error) {
      if (required && error instanceof ConnectorError) {
        const hold = error.because === 'permission' ? 'permission_missing' : 'target_unhealthy';
        return { bindingId, ended: 'failed', failure: { message: error.message, retry: error.retry, hold } };
      }
    }
  }
  return { bindingId, ended: 'done' };
};
