import type { RotationRow } from '#core/rotation/list-rotations.ts';

/**
 * Whether the way back is offered from what is told of a rotation elsewhere: both secrets work, and it goes forward. The
 * page of the rotation asks core once more, and says why where it is refused all the same.
 */
export const isUndoable = ({
  outcome,
  direction,
  phase,
}: Pick<RotationRow, 'outcome' | 'direction' | 'phase'>) =>
  outcome === null && direction === 'forward' && phase === 'overlap';

/** The page of a rotation with the question before its roll-back. Opening it changes nothing. */
export const undoAddress = (rotationId: string) => `/rotations/${rotationId}?act=roll_back`;
