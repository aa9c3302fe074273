import type { Probed } from '#core/rotation/probe-rotation.ts';

/* What is found before a rotation, and whether it may be asked for all the same. */

export type Found = Probed[number];

/** `blocks`: the button stays off. `warns`: it takes a tick. */
export type Weight = 'ready' | 'warns' | 'blocks';

/**
 * After a breach nothing blocks: the rotation under way is what it ends, and a rotation that is held at its first step has
 * ended that one.
 */
export function weightOf({ ok, required }: Pick<Found, 'ok' | 'required'>, breach: boolean): Weight {
  if (ok) {
    return 'ready';
  }
  return required && !breach ? 'blocks' : 'warns';
}

/** What is shown. That a rotation is open is no obstacle to a breach. */
export const shownFound = (found: readonly Found[], breach: boolean): readonly Found[] =>
  found.filter(({ check }) => !breach || check !== 'open_rotation');

/** What is well, by what was asked about. */
export function readyWords({ check, subject }: Pick<Found, 'check' | 'subject'>): string {
  switch (check) {
    case 'slot':
      return `${subject} has a free slot for the new secret.`;
    case 'open_rotation':
      return 'No rotation of it is open.';
    case 'pause':
      return 'Nothing is paused.';
    case 'hours':
      return 'Its policy lets rotations start now.';
    default:
      return `${subject} is ready.`;
  }
}

export interface Verdict {
  blocks: number;
  warns: number;
}

/** How much of what was found blocks, and how much warns. */
export function verdictOf(found: readonly Found[], breach: boolean): Verdict {
  const weights = shownFound(found, breach).map((one) => weightOf(one, breach));
  return {
    blocks: weights.filter((weight) => weight === 'blocks').length,
    warns: weights.filter((weight) => weight === 'warns').length,
  };
}
