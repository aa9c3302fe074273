import type { Slot } from '#connectors/contract.ts';
import { entriesFor } from '#core/outside/entries.ts';
import { describe } from '#core/rotation/describe.ts';
import { openVersion } from '#core/rotation/load-rotation.ts';
import { type Effect, findBinding, nameOf, requireIncoming } from '#core/rotation/perform/effect.ts';

/** Puts the incoming version into one slot of one binding. */
export function deliver(slot: Slot): Effect {
  return async (loaded, { bindingId }) => {
    const version = requireIncoming(loaded);
    const binding = findBinding(loaded, bindingId);
    const entries = entriesFor(binding.fields, version.id, openVersion(version));
    await binding.target.ask(version.id, (connector, call) => connector.deliver(call, entries, slot));
    const named = { ...nameOf(version), target: binding.targetName, slot };
    return {
      bindingId,
      ended: 'done',
      commit: {
        patch: {
          deliveries: [{ version_id: version.id, binding_id: binding.id, slot, level: 'accepted' }],
        },
        events: [{ action: 'secret.delivered', ...describe(loaded.situation), ...named }],
      },
    };
  };
}
