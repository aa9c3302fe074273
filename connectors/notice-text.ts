import type { Notice } from '#connectors/contract.ts';

/** One line for several notices: the only one's title, or how many there are. */
export function headline(notices: readonly Notice[]): string {
  const [only, ...more] = notices;
  if (only === undefined) return 'Nothing to tell';
  return more.length === 0 ? only.title : `${notices.length} things to look at, the first: ${only.title}`;
}

/** More would be a flood in itself; the console has them all. */
const MOST = 20;

/** The notices that a message names, and a sentence about the rest; empty where there is none. */
export function named(notices: readonly Notice[]): { shown: readonly Notice[]; rest: string } {
  const left = notices.length - MOST;
  return { shown: notices.slice(0, MOST), rest: left > 0 ? `And ${left} more: see the console.` : '' };
}
