import type { UpcomingRun } from '#core/policies/list-upcoming.ts';

/** `03:00` on the clocks of a zone. */
export function clockIn(zone: string, at: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(
    new Date(at),
  );
}

/** `Thursday, 24 December` for `2026-12-24`. */
export function dayWords(date: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'UTC',
    weekday: 'long',
    day: 'numeric',
    month: 'long',
  });
  return format.format(new Date(`${date}T00:00:00Z`));
}

/** `December 2026`. */
export function monthWords(month: string): string {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', month: 'long', year: 'numeric' });
  return format.format(new Date(`${month}-01T00:00:00Z`));
}

const moved: Record<string, string> = {
  expiry: 'brought forward, because the secret expires',
  age: 'brought forward, because the secret comes to its greatest age',
  hand: 'at a time that a person chose',
  min_spacing: 'delayed, to keep starts at its issuer apart',
};

/** What is special about a run; empty where nothing is. */
export function runWords(run: UpcomingRun): string[] {
  return [
    ...(run.isSet ? [] : ['expected']),
    ...(run.movedBy === null ? [] : [moved[run.movedBy] ?? run.movedBy]),
    ...(run.pausedBy === null ? [] : [`would be skipped now: paused (${run.pausedBy})`]),
  ];
}
