import { absoluteTime } from '#app/_components/format-time.ts';

/* The overlap a person chooses, in the console's own form. */

export const overlapOptions = [
  { id: '1h', label: '1 hour', seconds: 3600 },
  { id: '24h', label: '24 hours', seconds: 86_400 },
  { id: '3d', label: '3 days', seconds: 3 * 86_400 },
  { id: '7d', label: '7 days', seconds: 7 * 86_400 },
] as const;

export const overlapUnits = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 } as const;

export type OverlapUnit = keyof typeof overlapUnits;

export interface OverlapWish {
  option: (typeof overlapOptions)[number]['id'] | 'custom';
  amount: string;
  unit: OverlapUnit;
}

/** 24 hours: long enough for what was forgotten, and never "now". */
export const defaultOverlap: OverlapWish = { option: '24h', amount: '12', unit: 'hours' };

const MOST_SECONDS = 90 * 86_400;

/** The overlap in whole seconds; null when the custom length is not from 1 second to 90 days. */
export function overlapSeconds({ option, amount, unit }: OverlapWish): number | null {
  const fixed = overlapOptions.find(({ id }) => id === option);
  if (fixed !== undefined) {
    return fixed.seconds;
  }
  const seconds = Math.round(Number(amount) * overlapUnits[unit]);
  return amount.trim() !== '' && seconds >= 1 && seconds <= MOST_SECONDS ? seconds : null;
}

/** Shorter overlaps are told to the second. */
export const SHORT_SECONDS = 600;

/** When an overlap that begins `now` (milliseconds since 1970) ends, in the reader's zone. */
export function overlapEnd(now: number, seconds: number): string {
  return absoluteTime(now + seconds * 1000, undefined, seconds < SHORT_SECONDS);
}
