'use client';

import { useNow } from '#app/_components/clock.ts';
import { shortDay } from '#app/_components/format-time.ts';

/** A day as "24 Nov", in the reader's zone once the page is alive. Text alone, so that it also fits into a drawing. */
export function ShortDay({ at }: { at: string }) {
  const now = useNow(60_000);
  return shortDay(at, now === null ? 'UTC' : undefined);
}
