/** A deployment as a vendor lists it. */
export interface Deployment {
  readonly id: string;
  readonly status: string;
}

/** How many of the newest to read: more than anybody begins while one is under way. */
export const MOST_SINCE = 20;

/**
 * How it stands with a redeployment whose own ID the vendor did not tell. All that were begun after `after`, the newest
 * one before it, have the new value: the first success among them is an end, and a failure only where all have failed.
 * `found` has the newest first; what was `skipped` began nothing.
 */
export function stateSince(
  found: readonly Deployment[],
  after: string | null,
  words: { readonly done: readonly string[]; readonly failed: readonly string[]; readonly skipped?: string },
): 'running' | 'done' | 'failed' {
  const known = found.findIndex(({ id }) => id === after);
  // Where the one before is listed no more, only the newest is surely later.
  const later = after === null ? found : found.slice(0, known === -1 ? 1 : known);
  const since = later.filter(({ status }) => status !== words.skipped);
  if (since.some(({ status }) => words.done.includes(status))) return 'done';
  const isOver = since.length > 0 && since.every(({ status }) => words.failed.includes(status));
  return isOver ? 'failed' : 'running';
}
