import { count } from '#app/_words/rotation.ts';
import type { UpcomingRun } from '#core/policies/list-upcoming.ts';

/** The page around the months. */
export const calendarPage = {
  title: 'Calendar',
  about:
    'When policies will start rotations, when overlaps end, and when nothing starts. What has run is in the audit.',
  months: 'Months',
  view: 'View',
  views: { month: 'Month', list: 'List' },
  isCut: 'There is more in this month than is shown here.',
  timesIn: (zone: string) => `Times in ${zone}`,
  /** What a month is called where it is drawn as a table. */
  monthIn: (month: string, zone: string) => `${month}, ${zone}`,
};

/** The warning of credentials of one application that rotate together. */
export const collisionNotice = {
  about: (collisions: number) =>
    `${count(collisions, 'collision')}: credentials of one application rotate within an hour of each other.`,
  one: (it: { day: string; clock: string; application: string; credentials: string }) =>
    `${it.day}, ${it.clock}: ${it.application} (${it.credentials})`,
  more: (collisions: number) => `and ${collisions} more; each is marked below.`,
};

/** One month as a table. */
export const calendarMonth = {
  today: 'today',
  blackout: (reason: string) => `Blackout: ${reason}`,
  collides: 'Collides:',
  paused: 'Paused, would be skipped now:',
  overlapEnds: 'Overlap of {credential} ends',
  heldOverlapEnds: 'Held: overlap of {credential} ends',
  more: (runs: number) => `${runs} more`,
} as const;

/** The days of a month on which something comes. */
export const calendarList = {
  nothing: 'Nothing comes in this month.',
  today: 'today',
  blackout: (policy: string, reason: string) => `Blackout of ${policy}: ${reason}`,
  rotates: '{credential} rotates',
  collides: 'collides',
  overlapEnds: 'The overlap of {credential} ends',
  heldOverlapEnds: 'The overlap of {credential} ends (held)',
} as const;

/** In which zone days and times are shown. */
export const zoneChoice = {
  zone: 'Time zone',
  show: 'Show',
  showIn: (zone: string) => `Show in ${zone}`,
};

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

const skipped: Record<NonNullable<UpcomingRun['pausedBy']>, string> = {
  everything: 'would be skipped now, because everything is paused',
  issuer: 'would be skipped now, because its issuer is paused',
  credential: 'would be skipped now, because it is paused',
};

/** What is special about a run; empty where nothing is. */
export function runWords(run: Pick<UpcomingRun, 'isSet' | 'movedBy' | 'pausedBy'>): string[] {
  return [
    ...(run.isSet ? [] : ['expected']),
    ...(run.movedBy === null ? [] : [moved[run.movedBy] ?? run.movedBy]),
    ...(run.pausedBy === null ? [] : [skipped[run.pausedBy]]),
  ];
}
