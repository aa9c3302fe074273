import type { Slot } from '#connectors/contract.ts';
import { entriesFor } from '#core/outside/entries.ts';
import { describe } from '#core/rotation/describe.ts';
import { type LoadedRotation, type OpenBinding, openVersion } from '#core/rotation/load-rotation.ts';
import { type Effect, findBinding, nameOf, requireIncoming } from '#core/rotation/perform/effect.ts';

/**
 * On the way back NEXT is the old value for consumers whose primary value is the new one. Where the primary value is
 * the old one still, NEXT is what they live on until the issuer takes the old value again, and stays.
 */
async function livesOnNext({ situation }: LoadedRotation, binding: OpenBinding): Promise<boolean> {
  const { to } = situation;
  if (situation.direction === 'forward' || to === null) {
    return false;
  }
  const entries = entriesFor(binding.fields, to.id, openVersion(to));
  const held = await binding.target.ask(to.id, (connector, call) =>
    connector.confirm(call, entries, 'primary'),
  );
  return held === 'pending';
}

/** Puts the incoming version into one slot of one binding. */
export function deliver(slot: Slot): Effect {
  return async (loaded, { bindingId }, { ready }) => {
    const version = requireIncoming(loaded);
    const binding = findBinding(loaded, bindingId);
    if (slot === 'next' && (await livesOnNext(loaded, binding))) {
      const kept = { version_id: version.id, binding_id: binding.id, slot, level: 'read_back' };
      return { bindingId, ended: 'done', commit: { patch: { deliveries: [kept] }, events: [] } };
    }
    const entries = entriesFor(binding.fields, version.id, openVersion(version));
    // On the way back the target was asked what it holds since.
    if (slot === 'next') {
      await ready();
    }
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
