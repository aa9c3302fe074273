import { absoluteTime } from '#app/_components/format-time.ts';
import { overlapOptions as words } from '#app/_words/forms.ts';
import type { Plan } from '#core/rotation/plan.ts';

/* The overlap a person chooses, in the console's own form. */

export const overlapOptions = [
  { id: '1h', label: words.hour, seconds: 3600 },
  { id: '24h', label: words.day, seconds: 86_400 },
  { id: '3d', label: words.threeDays, seconds: 3 * 86_400 },
  { id: '7d', label: words.week, seconds: 7 * 86_400 },
] as const;

/** An end that comes so long after the new version is seen in use, and at the latest then. */
export interface UntilSeen {
  afterUseSeconds: number;
  mostSeconds: number;
}

/** What a plan says of that, or else an hour, and at the longest a week. */
export const untilSeenOf = ({
  graceSeconds,
  graceAfterUseSeconds,
}: Pick<Plan, 'graceSeconds' | 'graceAfterUseSeconds'>): UntilSeen =>
  graceAfterUseSeconds === null
    ? { afterUseSeconds: 3600, mostSeconds: 7 * 86_400 }
    : { afterUseSeconds: graceAfterUseSeconds, mostSeconds: graceSeconds };

export const overlapUnits = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 } as const;

export type OverlapUnit = keyof typeof overlapUnits;

export interface OverlapWish {
  option: (typeof overlapOptions)[number]['id'] | 'custom' | 'seen' | 'none';
  amount: string;
  /** `until`: not a length but an end. */
  unit: OverlapUnit | 'until';
  /** The end as the browser's field has it, in the reader's zone. */
  until?: string;
}

/** 24 hours: long enough for what was forgotten, and never "now". */
export const defaultOverlap: OverlapWish = { option: '24h', amount: '12', unit: 'hours' };

/** What is chosen at first: the length that the plan has from its policy, and never "now". */
export function overlapOf({
  graceSeconds: seconds,
  graceAfterUseSeconds,
}: Pick<Plan, 'graceSeconds' | 'graceAfterUseSeconds'>): OverlapWish {
  if (graceAfterUseSeconds !== null) {
    return { ...defaultOverlap, option: 'seen' };
  }
  const fixed = overlapOptions.find((one) => one.seconds === seconds);
  if (fixed !== undefined) {
    return { ...defaultOverlap, option: fixed.id };
  }
  const unit = (['days', 'hours', 'minutes', 'seconds'] as const).find(
    (one) => seconds % overlapUnits[one] === 0,
  );
  return seconds === 0 || unit === undefined
    ? defaultOverlap
    : { option: 'custom', amount: String(seconds / overlapUnits[unit]), unit };
}

const MOST_SECONDS = 90 * 86_400;

/** The overlap in whole seconds, from `now` on; null when the custom one does not last from 1 second to 90 days. */
export function overlapSeconds(
  { option, amount, unit, until = '' }: OverlapWish,
  now: number,
  seen?: UntilSeen,
): number | null {
  if (option === 'none') {
    return 0;
  }
  if (option === 'seen') {
    return seen?.mostSeconds ?? null;
  }
  const fixed = overlapOptions.find(({ id }) => id === option);
  if (fixed !== undefined) {
    return fixed.seconds;
  }
  const given = unit === 'until' ? until : amount.trim();
  const seconds = Math.round(
    unit === 'until' ? (new Date(until).getTime() - now) / 1000 : Number(amount) * overlapUnits[unit],
  );
  return given !== '' && seconds >= 1 && seconds <= MOST_SECONDS ? seconds : null;
}

/** Shorter overlaps are told to the second. */
export const SHORT_SECONDS = 600;

/** When an overlap that begins `now` (milliseconds since 1970) ends, in the reader's zone. */
export function overlapEnd(now: number, seconds: number): string {
  return absoluteTime(now + seconds * 1000, undefined, seconds < SHORT_SECONDS);
}
