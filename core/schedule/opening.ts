import { DAY, momentOf, offsetIn } from '#core/schedule/wall-clock.ts';

/** When rotations may start: between two times of some days, by the wall clock. One that ends before it begins ends on the next day. */
export interface Window {
  /** 0 is Sunday. */
  readonly days: readonly number[];
  /** Minutes since midnight. */
  readonly from: number;
  readonly to: number;
}

/** When nothing starts, whatever the window says. */
export interface Blackout {
  readonly from: Date;
  readonly to: Date;
  readonly reason: string;
}

export interface Rules {
  readonly timeZone: string;
  /** Null: at any time. */
  readonly window: Window | null;
  readonly blackouts: readonly Blackout[];
}

/** Further ahead nobody waits for a slot. */
const FURTHEST = 400 * DAY;

/** The first moment from `at` on at which the rules let a rotation start; null where there is none for more than a year. */
export function openingFrom(at: Date, rules: Rules): Date | null {
  let candidate = at.getTime();
  while (candidate - at.getTime() <= FURTHEST) {
    const open = rules.window === null ? candidate : windowFrom(candidate, rules.window, rules.timeZone);
    if (open === null) {
      return null;
    }
    const blackout = rules.blackouts.find(({ from, to }) => from.getTime() <= open && open < to.getTime());
    if (blackout === undefined) {
      return open - at.getTime() <= FURTHEST ? new Date(open) : null;
    }
    candidate = blackout.to.getTime();
  }
  return null;
}

/** Why nothing may start at a moment; null where the rules allow it. */
export function closedAt(at: Date, rules: Rules): 'blackout' | 'window_closed' | null {
  const isIn = ({ from, to }: Blackout) => from <= at && at < to;
  if (rules.blackouts.some(isIn)) {
    return 'blackout';
  }
  const { window, timeZone } = rules;
  return window === null || windowFrom(at.getTime(), window, timeZone) === at.getTime()
    ? null
    : 'window_closed';
}

/** Until when a rotation may go on that runs at a moment: to the end of the window, or the next blackout. Null: for ever. */
export function closesAt(at: Date, { window, blackouts, timeZone }: Rules): Date | null {
  const end = window === null ? null : endOfWindow(at.getTime(), window, timeZone);
  const begins = blackouts.map(({ from }) => from.getTime()).filter((from) => from > at.getTime());
  const first = Math.min(end ?? Number.POSITIVE_INFINITY, ...begins);
  return Number.isFinite(first) ? new Date(first) : null;
}

/** How long a window is, in minutes by the wall clock. */
export const lengthOf = ({ from, to }: Window) => (to > from ? to - from : to + 1440 - from);

/** `at` where the window is open then; else the moment it opens next. Null: it has no day. */
function windowFrom(at: number, window: Window, timeZone: string): number | null {
  const next = openingOf(at, window, timeZone);
  return next === null ? null : Math.max(at, next.from);
}

/** When a window that is open closes; `at` where it is not open. */
function endOfWindow(at: number, window: Window, timeZone: string): number {
  const next = openingOf(at, window, timeZone);
  return next === null || next.from > at ? at : next.to;
}

/** The opening that is under way, or else the next one. */
function openingOf(at: number, window: Window, timeZone: string): { from: number; to: number } | null {
  const offset = offsetIn(timeZone);
  const wall = at + offset(at);
  const midnight = wall - (((wall % DAY) + DAY) % DAY);
  // From the day before, whose window may reach over midnight, to a week ahead.
  for (let day = midnight - DAY; day <= midnight + 8 * DAY; day += DAY) {
    if (!window.days.includes(new Date(day).getUTCDay())) {
      continue;
    }
    const opens = day + window.from * 60_000;
    const from = momentOf(opens, offset);
    const to = momentOf(opens + lengthOf(window) * 60_000, offset);
    if (at < to) {
      return { from, to };
    }
  }
  return null;
}
