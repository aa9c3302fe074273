import { Problem } from '#lib/problem.ts';

const NAMED = 3;

/** Refuses, with a `Problem` 409, to archive what something still needs; the first few of those are named. */
export function refuseInUse(names: readonly string[], say: (names: string) => string): void {
  if (names.length === 0) {
    return;
  }
  const more = names.length - NAMED;
  const all = more > 0 ? [...names.slice(0, NAMED), `${more} more`] : names;
  const last = all.at(-1);
  const told = all.length === 1 ? `${last}` : `${all.slice(0, -1).join(', ')} and ${last}`;
  throw new Problem(409, 'in_use', say(told));
}
