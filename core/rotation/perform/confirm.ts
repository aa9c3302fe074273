import { ConnectorError } from '#connectors/contract.ts';
import { askConsumer } from '#core/outside/ask-consumer.ts';
import { entriesFor } from '#core/outside/entries.ts';
import { describe } from '#core/rotation/describe.ts';
import type { LoadedRotation, OpenBinding } from '#core/rotation/load-rotation.ts';
import { type Effect, findBinding } from '#core/rotation/perform/effect.ts';
import { type Level, reaches } from '#core/rotation/situation.ts';

const POLL_SECONDS = 1;
const PATIENCE_SECONDS = 600;

async function levelReached(loaded: LoadedRotation, binding: OpenBinding, versionId: string): Promise<Level> {
  const entries = entriesFor(binding.fields, versionId, loaded.openTo());
  const held = await binding.target.ask(versionId, (connector, call) => connector.confirm(call, entries));
  if (held !== 'live' || binding.needs !== 'adopted' || binding.consumerUrl === null) {
    return held === 'live' ? 'read_back' : 'accepted';
  }
  const consumer = await askConsumer(binding.consumerUrl);
  return consumer?.versionId === versionId ? 'adopted' : 'read_back';
}

/** Asks a target, and where it is wanted the consumer, whether the new version has arrived. */
export const confirm: Effect = async (loaded, bindingId) => {
  const { situation } = loaded;
  const binding = findBinding(loaded, bindingId);
  const { to } = situation;
  if (to === null) {
    throw new Error('There is nothing to confirm before a secret was issued.');
  }
  const level = await levelReached(loaded, binding, to.id);
  if (!reaches(level, binding.needs)) {
    const waited = (situation.now.getTime() - situation.phaseAt.getTime()) / 1000;
    if (waited > PATIENCE_SECONDS) {
      throw new ConnectorError(
        `${binding.targetName} reached only "${level}" and this binding needs "${binding.needs}". The old secret was not retired.`,
        'never',
      );
    }
    return { bindingId, ended: 'waiting', seconds: POLL_SECONDS };
  }
  const named = { version: to.n, fingerprint: to.fingerprint.slice(0, 12), target: binding.targetName };
  return {
    bindingId,
    ended: 'done',
    commit: {
      patch: {
        deliveries: [
          { version_id: to.id, binding_id: binding.id, slot: 'primary', level, confirmed_at: situation.now },
        ],
      },
      events: [{ action: 'secret.confirmed', ...describe(situation), ...named, level }],
    },
  };
};
