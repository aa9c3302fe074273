import { randomValue } from '#core/outside/random-value.ts';
import type { Commit } from '#core/rotation/commit-step.ts';
import { type LoadedRotation, openVersion } from '#core/rotation/load-rotation.ts';
import { newVersion } from '#core/rotation/new-version.ts';
import { newId } from '#lib/new-id.ts';

/**
 * Where the issuer takes a value that we choose, it is made and sealed with the intent of the first step that needs
 * it: whatever is lost later, the same value is used again. Null where there is nothing to choose.
 */
export function chooseValue(loaded: LoadedRotation): Commit | null {
  const { issuer, situation } = loaded;
  const { phase, direction, to, from } = situation;
  const needed = direction === 'forward' && (phase === 'issue' || phase === 'deliver_next');
  if (!needed || to !== null || !issuer.can.chosenValue) {
    return null;
  }
  const { secretField } = issuer.connector;
  const before = from === null ? {} : openVersion(from);
  const fields = { ...before, [secretField]: randomValue(issuer.chosen) };
  const { row } = newVersion(loaded, newId(), { fields });
  return { patch: { versions: [row], rotation: { to_version: row.id } }, events: [] };
}
