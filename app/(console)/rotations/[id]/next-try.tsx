'use client';

import { useNow } from '#app/_components/clock.ts';
import { fill } from '#app/_components/fill.tsx';
import { TimeLeft } from '#app/_components/time.tsx';
import { nextTry as words } from '#app/_words/rotation-page.ts';

/** When the next try comes, as a sentence; one whose time has come is under way. */
export function NextTry({ at }: { at: string | null }) {
  const now = useNow(1000);
  return at === null || (now !== null && now >= Date.parse(at))
    ? words.now
    : fill(words.later, { time: <TimeLeft until={at} /> });
}
