import type { Performed } from '#core/rotation/decide.ts';
import type { LoadedRotation, OpenBinding } from '#core/rotation/load-rotation.ts';

/**
 * One outside effect of a phase. `ready` must be awaited right before each call that changes something outside: it
 * throws when this worker no longer holds the rotation.
 */
export type Effect = (
  loaded: LoadedRotation,
  bindingId: string | null,
  ready: () => Promise<void>,
) => Promise<Performed>;

/** The binding that an effect is about. */
export function findBinding({ bindings, situation }: LoadedRotation, bindingId: string | null): OpenBinding {
  const binding = bindings.find(({ id }) => id === bindingId);
  if (binding === undefined) {
    throw new Error(`Rotation ${situation.rotationId} has no binding ${bindingId}.`);
  }
  return binding;
}
