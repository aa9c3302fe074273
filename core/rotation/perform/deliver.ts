import { entriesFor } from '#core/outside/entries.ts';
import { describe } from '#core/rotation/describe.ts';
import { type Effect, findBinding } from '#core/rotation/perform/effect.ts';

/** Puts the new version into one binding. */
export const deliver: Effect = async (loaded, bindingId, ready) => {
  const { to } = loaded.situation;
  const binding = findBinding(loaded, bindingId);
  if (to === null) {
    throw new Error('There is nothing to deliver before a secret was issued.');
  }
  const entries = entriesFor(binding.fields, to.id, loaded.openTo());
  await ready();
  await binding.target.ask(to.id, (connector, call) => connector.deliver(call, entries, 'primary'));
  const named = { version: to.n, fingerprint: to.fingerprint.slice(0, 12), target: binding.targetName };
  return {
    bindingId,
    ended: 'done',
    commit: {
      patch: {
        deliveries: [{ version_id: to.id, binding_id: binding.id, slot: 'primary', level: 'accepted' }],
      },
      events: [{ action: 'secret.delivered', ...describe(loaded.situation), ...named }],
    },
  };
};
