import { ConnectorError } from '#connectors/contract.ts';
import { entriesFor } from '#core/outside/entries.ts';
import { type LoadedRotation, type OpenBinding, openVersion } from '#core/rotation/load-rotation.ts';
import { type Effect, findBinding, requireIncoming } from '#core/rotation/perform/effect.ts';

const POLL_SECONDS = 2;
const PATIENCE_SECONDS = 600;
/** Builds may take long; one that waits for a person, or for checks that never pass, does not end at all. */
const LONGEST_SECONDS = 3600;

/** The vendor's own name of a redeployment, to be looked up there; other references mean nothing to a person. */
const nameOf = (ref: string) => (/^[\w-]{1,100}$/.test(ref) ? ` ${ref}` : '');

/** Whether a redeployment begun now would take up something else than the incoming version. */
async function isTooEarly(loaded: LoadedRotation, binding: OpenBinding): Promise<boolean> {
  const version = requireIncoming(loaded);
  const entries = entriesFor(binding.fields, version.id, openVersion(version));
  const held = await binding.target.ask(version.id, (connector, call) =>
    connector.confirm(call, entries, 'primary'),
  );
  return held === 'pending';
}

/**
 * Has a target take up what was delivered, once it holds it. What runs there is asked for again, and not begun a
 * second time.
 */
export const redeploy: Effect = async (loaded, { bindingId, ref }, { ready, now }) => {
  const binding = findBinding(loaded, bindingId);
  const { target, targetName } = binding;
  const { redeploy: begin, redeployState } = target.connector;
  if (begin === undefined) {
    throw new ConnectorError(`${targetName} cannot be told to redeploy.`, 'never');
  }
  const waited = (now().getTime() - loaded.situation.phaseAt.getTime()) / 1000;
  if (ref === null && (await isTooEarly(loaded, binding))) {
    if (waited > PATIENCE_SECONDS) {
      throw new ConnectorError(
        `${targetName} took the secret and does not hold it. It was not redeployed.`,
        'never',
      );
    }
    return { bindingId, ended: 'waiting', seconds: POLL_SECONDS };
  }
  if (ref === null || redeployState === undefined) {
    // The target was asked what it holds since.
    await ready();
    const begun = await target.ask(null, (_connector, call) => begin(call));
    return redeployState === undefined
      ? { bindingId, ended: 'done' }
      : { bindingId, ended: 'waiting', seconds: POLL_SECONDS, ref: begun };
  }
  const state = await target.ask(null, (_connector, call) => redeployState(call, ref));
  switch (state) {
    case 'done':
      return { bindingId, ended: 'done' };
    case 'running':
      if (waited > LONGEST_SECONDS) {
        throw new ConnectorError(
          `${targetName} has the secret, and its redeployment${nameOf(ref)} has not ended within an hour. The old secret is kept. See there what it waits for; resuming begins another one.`,
          'never',
        );
      }
      return { bindingId, ended: 'waiting', seconds: POLL_SECONDS, ref };
    case 'failed':
      throw new ConnectorError(
        `${targetName} has the secret, but its redeployment${nameOf(ref)} failed. The old secret is kept.`,
        'never',
      );
  }
};
