'use client';

import { useNow } from '#app/_components/clock.ts';
import { absoluteTime, duration, relativeTime } from '#app/_components/format-time.ts';

/*
 * The server knows neither the reader's zone nor the moment of reading: it draws UTC, and the browser replaces it by
 * the reader's own zone right after.
 */

const zoneFor = (now: number | null) => (now === null ? 'UTC' : undefined);

/** A moment as "3 h ago", with the exact time on hover and for machines. */
export function Ago({ at }: { at: string }) {
  const now = useNow(1000);
  return (
    <time dateTime={at} title={absoluteTime(at, zoneFor(now), true)} suppressHydrationWarning>
      {relativeTime(at, now ?? Date.now())}
    </time>
  );
}

/** A moment as "Tue 24 Nov 2026, 14:05 CET", with the distance on hover. */
export function Moment({ at, withSeconds = false }: { at: string; withSeconds?: boolean }) {
  const now = useNow(60_000);
  return (
    <time dateTime={at} title={now === null ? undefined : relativeTime(at, now)}>
      {absoluteTime(at, zoneFor(now), withSeconds)}
    </time>
  );
}

/** How long until a moment: "23 h 59 min". Never negative. */
export function TimeLeft({ until }: { until: string }) {
  const now = useNow(1000);
  const seconds = (new Date(until).getTime() - (now ?? Date.now())) / 1000;
  return <span suppressHydrationWarning>{duration(Math.ceil(Math.max(0, seconds)))}</span>;
}

/** A running clock since a moment: "12 s". */
export function TimeSince({ since }: { since: string }) {
  const now = useNow(1000);
  const seconds = ((now ?? Date.now()) - new Date(since).getTime()) / 1000;
  return (
    <span role="timer" className="tabular-nums" suppressHydrationWarning>
      {duration(Math.floor(Math.max(0, seconds)))}
    </span>
  );
}
