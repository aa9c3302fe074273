import type { OpenOverlap, Upcoming, UpcomingBlackout, UpcomingRun } from '#core/policies/list-upcoming.ts';
import { DAY, momentOf, offsetIn } from '#core/schedule/wall-clock.ts';

/** What one day of a calendar holds, by the clocks of a zone. */
export interface CalendarDay {
  /** `2026-12-24`. */
  date: string;
  day: number;
  /** 0 is Monday. */
  weekday: number;
  runs: (UpcomingRun & { collides: boolean })[];
  /** Overlaps that end on this day. */
  ends: OpenOverlap[];
  blackouts: UpcomingBlackout[];
}

/** `2026-12` as its first day and the first day after it, as clocks show them, read as if they were UTC. */
function wallsOf(month: string): [number, number] {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return [Date.UTC(year, number - 1, 1), Date.UTC(year, number, 1)];
}

/** The month before or after by so many. */
export function monthAfter(month: string, by: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7);
}

/** The first moment of a month in a zone, and the first one after it. */
export function rangeOf(month: string, zone: string): { from: string; to: string } {
  const offset = offsetIn(zone);
  const [from, to] = wallsOf(month).map((wall) => new Date(momentOf(wall, offset)).toISOString());
  return { from: from ?? '', to: to ?? '' };
}

/** The day on which a moment lies in a zone. */
export function dateIn(zone: string, at: string): string {
  const moment = Date.parse(at);
  return new Date(moment + offsetIn(zone)(moment)).toISOString().slice(0, 10);
}

/** Every day of a month, with what comes on it. */
export function daysOf(upcoming: Upcoming, month: string, zone: string): CalendarDay[] {
  const offset = offsetIn(zone);
  const [first, end] = wallsOf(month);
  const colliding = new Set(
    upcoming.collisions.flatMap(({ runs }) => runs.map(({ credentialId, at }) => `${credentialId} ${at}`)),
  );
  const days: CalendarDay[] = [];
  for (let wall = first; wall < end; wall += DAY) {
    const date = new Date(wall).toISOString().slice(0, 10);
    const [from, to] = [momentOf(wall, offset), momentOf(wall + DAY, offset)];
    const isOn = (at: string) => Date.parse(at) >= from && Date.parse(at) < to;
    days.push({
      date,
      day: days.length + 1,
      weekday: (new Date(wall).getUTCDay() + 6) % 7,
      runs: upcoming.runs
        .filter(({ at }) => isOn(at))
        .map((run) => ({ ...run, collides: colliding.has(`${run.credentialId} ${run.at}`) })),
      ends: upcoming.overlaps.filter((overlap) => overlap.to !== null && isOn(overlap.to)),
      blackouts: upcoming.blackouts.filter(
        (blackout) => Date.parse(blackout.from) < to && Date.parse(blackout.to) > from,
      ),
    });
  }
  return days;
}
