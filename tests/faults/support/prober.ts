import { type Outside, TARGETS } from '#tests/faults/support/outside.ts';

/**
 * An application at each target: it signs in with what lies there, and with NEXT once that is refused. It looks right
 * after every change outside and every move of the clock, so that no gap is too short for it. Null: all is well.
 */
export function targetsAreServed(outside: Outside): string | null {
  const failing = TARGETS.filter(
    (target) =>
      !outside.accepts(outside.secretAt(target, 'primary')) &&
      !outside.accepts(outside.secretAt(target, 'next')),
  );
  return failing.length === 0
    ? null
    : `The application at ${failing.join(' and ')} had no secret that works.`;
}
