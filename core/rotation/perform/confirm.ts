import { ConnectorError, type Entries, type Slot } from '#connectors/contract.ts';
import { askConsumer } from '#core/outside/ask-consumer.ts';
import { entriesFor } from '#core/outside/entries.ts';
import { type Level, reaches } from '#core/outside/levels.ts';
import { describe } from '#core/rotation/describe.ts';
import { type LoadedRotation, type OpenBinding, openVersion } from '#core/rotation/load-rotation.ts';
import { isRedeployed } from '#core/rotation/pending.ts';
import { type Effect, findBinding, nameOf, requireIncoming } from '#core/rotation/perform/effect.ts';
import type { VersionFact } from '#core/rotation/situation.ts';

const POLL_SECONDS = 1;
const PATIENCE_SECONDS = 600;

/** Whether consumers say that they use a version: at an address of their own, or by a report to the target they fetch from. */
async function isAdopted({ consumerUrl, target }: OpenBinding, version: VersionFact, entries: Entries) {
  if (consumerUrl !== null) {
    return (await askConsumer(consumerUrl))?.versionId === version.id;
  }
  const { adopted } = target.connector;
  return adopted !== undefined && target.ask(version.id, (_connector, call) => adopted(call, entries));
}

async function levelReached(
  loaded: LoadedRotation,
  binding: OpenBinding,
  version: VersionFact,
  slot: Slot,
): Promise<Level> {
  const entries = entriesFor(binding.fields, version.id, openVersion(version));
  const held = await binding.target.ask(version.id, (connector, call) =>
    connector.confirm(call, entries, slot),
  );
  if (held === 'pending') {
    return 'accepted';
  }
  // Asked also where the target cannot tell: of a value that cannot be read, only the consumer can say that it is used.
  if (slot === 'primary' && binding.needs === 'adopted' && (await isAdopted(binding, version, entries))) {
    return 'adopted';
  }
  if (slot === 'primary' && isRedeployed(loaded.situation, binding.id)) {
    return 'redeployed';
  }
  return held === 'live' ? 'read_back' : 'accepted';
}

/** Asks a target, and where it is wanted the consumer, whether the incoming version has arrived in the slot. */
export function confirm(slot: Slot): Effect {
  return async (loaded, { bindingId }, { now }) => {
    const { situation } = loaded;
    const binding = findBinding(loaded, bindingId);
    const version = requireIncoming(loaded);
    const { id, targetName } = binding;
    // NEXT lies ready for consumers that use another value still: more than being there cannot be seen of it.
    const needs = slot === 'next' && binding.needs !== 'accepted' ? 'read_back' : binding.needs;
    const level = await levelReached(loaded, binding, version, slot);
    if (!reaches(level, needs)) {
      const waited = (now().getTime() - situation.phaseAt.getTime()) / 1000;
      if (waited > PATIENCE_SECONDS) {
        throw new ConnectorError(
          `${targetName} reached only "${level}" with version ${version.n}, and this binding needs "${needs}". No secret was retired.`,
          'never',
        );
      }
      return { bindingId, ended: 'waiting', seconds: POLL_SECONDS };
    }
    const named = { ...nameOf(version), target: targetName, slot };
    return {
      bindingId,
      ended: 'done',
      commit: {
        patch: {
          deliveries: [{ version_id: version.id, binding_id: id, slot, level, confirmed_at: now() }],
        },
        events: [{ action: 'secret.confirmed', ...describe(situation), ...named, level }],
      },
    };
  };
}
