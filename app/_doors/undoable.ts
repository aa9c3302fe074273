import { isUndoable } from '#app/_components/undo.ts';
import type { Actor } from '#core/access/actor.ts';
import type { AuditRow } from '#core/evidence/list-audit-events.ts';
import { listRotations } from '#core/rotation/list-rotations.ts';
import { rollBackRotation } from '#core/rotation/roll-back-rotation.ts';

/** The ids of those rotations of some events that the reader may roll back now, because their overlap lasts. */
export async function undoableOf(
  actor: Extract<Actor, { kind: 'user' }>,
  events: readonly Pick<AuditRow, 'rotationId'>[],
): Promise<readonly string[]> {
  const ids = [...new Set(events.flatMap(({ rotationId }) => rotationId ?? []))];
  if (ids.length === 0 || !rollBackRotation.may.includes(actor.role)) {
    return [];
  }
  const open = await listRotations(actor, { ids, open: true });
  return open.filter(isUndoable).map(({ id }) => id);
}
