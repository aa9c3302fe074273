import { setTimeout as wait } from 'node:timers/promises';
import { RemoteError } from '#cli/remote/api.ts';
import { sayDuration } from '#lib/duration.ts';

const POLL_MS = 1000;
/** What a timer can count to. */
const LONGEST_MS = 2 ** 31 - 1;

/** What the exit code says, for scripts: done, somebody has to act, it went wrong, or `--timeout` has passed. */
export const exits = { done: 0, held: 2, undone: 3, timedOut: 4 } as const;

/** Where waiting ends: what to say, and the exit code. */
export interface End {
  readonly say: readonly string[];
  readonly code: number;
}

/** Says how waiting ended: on standard error where it is not done. */
export function tell({ say, code }: End, usual: (line: string) => void): void {
  const to = code === exits.done ? usual : console.error;
  to(say.filter((line) => line !== '').join('\n'));
}

interface Waiting<State> {
  readonly first: State;
  read(signal: AbortSignal): Promise<State>;
  /** Is told every state, also one that is as the last. */
  show(state: State): void;
  /** Null while it goes on by itself. */
  endOf(state: State): End | null;
  /** What state it is in, that it goes on without the command, and how to look again. */
  goesOn(state: State): string;
  /** How long to wait at the most. */
  readonly seconds: number | undefined;
}

/** Says once, of several times in a row, that nobody answers. */
function sayAway(): (isAway: boolean) => void {
  let said = false;
  return (isAway) => {
    if (isAway && !said) console.error('Rekey does not answer. Asking on.');
    said = isAway;
  };
}

/**
 * Asks once a second until it has ended, or the time is over. While nobody answers, or only that Rekey is away or busy, it asks
 * on: Rekey may be started anew meanwhile. Where the person ends it, it says that what was begun goes on.
 */
export async function waitFor<State>(waiting: Waiting<State>): Promise<{ state: State; end: End }> {
  const { first, read, show, endOf, goesOn, seconds } = waiting;
  const over = new AbortController();
  const timer =
    seconds === undefined ? undefined : setTimeout(() => over.abort(), Math.min(seconds * 1000, LONGEST_MS));
  let state = first;
  const leave = () => {
    console.error(`\n${goesOn(state)}`);
    process.exit(130);
  };
  process.once('SIGINT', leave);
  const away = sayAway();
  try {
    for (;;) {
      show(state);
      const end = endOf(state);
      if (end !== null) return { state, end };
      try {
        await wait(POLL_MS, undefined, { signal: over.signal });
        state = await read(over.signal);
        away(false);
      } catch (error) {
        if (over.signal.aborted) {
          const say = `It did not get there within ${sayDuration(seconds ?? 0)}. ${goesOn(state)}`;
          return { state, end: { say: [say], code: exits.timedOut } };
        }
        if (!(error instanceof RemoteError && error.isAway)) throw error;
        away(true);
      }
    }
  } finally {
    clearTimeout(timer);
    process.off('SIGINT', leave);
  }
}
