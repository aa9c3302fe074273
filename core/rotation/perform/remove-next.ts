import { describe } from '#core/rotation/describe.ts';
import { type Effect, findBinding, nameOf, requireIncoming } from '#core/rotation/perform/effect.ts';

/** Takes NEXT away again: it holds what the primary slot holds now, or a value that is dead. */
export const removeNext: Effect = async (loaded, { bindingId }) => {
  const { target, fields, targetName } = findBinding(loaded, bindingId);
  const { remove } = target.connector;
  const version = requireIncoming(loaded);
  if (remove === undefined) {
    return { bindingId, ended: 'done' };
  }
  await target.ask(version.id, (_connector, call) => remove(call, Object.values(fields), 'next'));
  const named = { ...nameOf(version), target: targetName, slot: 'next' as const };
  return {
    bindingId,
    ended: 'done',
    commit: { patch: {}, events: [{ action: 'secret.removed', ...describe(loaded.situation), ...named }] },
  };
};
