import type { Performed } from '#core/rotation/decide.ts';
import type { LoadedRotation, OpenBinding } from '#core/rotation/load-rotation.ts';
import { incoming, type Step, type VersionFact } from '#core/rotation/situation.ts';

/** What an effect may use beside the rotation itself. */
export interface Hands {
  /**
   * To be awaited right before each further call that changes something outside: it throws when this worker no longer
   * holds the rotation. Before the first one it has been awaited already.
   */
  ready(): Promise<void>;
  /** The database's time. */
  now(): Date;
}

/** One outside effect of a phase. */
export type Effect = (loaded: LoadedRotation, step: Step, hands: Hands) => Promise<Performed>;

/** The binding that an effect is about. */
export function findBinding({ bindings, situation }: LoadedRotation, bindingId: string | null): OpenBinding {
  const binding = bindings.find(({ id }) => id === bindingId);
  if (binding === undefined) {
    throw new Error(`Rotation ${situation.rotationId} has no binding ${bindingId}.`);
  }
  return binding;
}

/** The version that comes in. Throws before one was issued. */
export function requireIncoming({ situation }: LoadedRotation): VersionFact {
  const version = incoming(situation);
  if (version === null) {
    throw new Error(`Rotation ${situation.rotationId} has no secret to work with yet.`);
  }
  return version;
}

/** How audit events call a version. */
export const nameOf = ({ n, fingerprint }: VersionFact) => ({
  version: n,
  fingerprint: fingerprint.slice(0, 12),
});
