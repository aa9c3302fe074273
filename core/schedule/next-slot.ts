import { Cron } from 'croner';

/** When a policy's slots are: at a fixed distance from each other, or where a cron expression says, read in a time zone. */
export type Rhythm = { intervalSeconds: number } | { cron: string; timeZone: string };

/** The rhythm is not one: the message says what is wrong with it. */
export class RhythmError extends Error {
  override readonly name = 'RhythmError';
}

/** The columns of a policy as a rhythm; the database holds exactly one of the two. */
export function rhythmOf(policy: {
  intervalSeconds: number | null;
  cron: string | null;
  timeZone: string;
}): Rhythm {
  if (policy.intervalSeconds !== null) {
    return { intervalSeconds: policy.intervalSeconds };
  }
  return { cron: policy.cron ?? '', timeZone: policy.timeZone };
}

/**
 * The first slot after `after`. With an interval, slots lie at whole intervals from `anchor`. Null: never again.
 *
 * Where clocks change: a time that the day does not have comes at the first moment after it, once, however many such
 * times there are; a time that the day has twice comes at the first of the two. Where the hour is open (`*`), slots go on in
 * real time. Throws `RhythmError` for an expression or a zone that cannot be read.
 */
export function nextSlot(rhythm: Rhythm, after: Date, anchor: Date): Date | null {
  if ('intervalSeconds' in rhythm) {
    const interval = rhythm.intervalSeconds * 1000;
    const passed = Math.floor((after.getTime() - anchor.getTime()) / interval);
    return new Date(anchor.getTime() + Math.max(0, passed + 1) * interval);
  }
  const { cron, timeZone } = rhythm;
  try {
    return hasOpenHour(cron) ? read(cron, timeZone).nextRun(after) : nextByWallClock(cron, timeZone, after);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new RhythmError(`"${cron}" in ${timeZone} cannot be read as a schedule: ${said}`);
  }
}

const read = (cron: string, timezone: string) => new Cron(cron, { timezone, paused: true, mode: '5-part' });

const hasOpenHour = (cron: string) => cron.trim().split(/\s+/)[1] === '*';

/**
 * The next time by the wall clock that is read as if it were UTC, where no time is missing or comes twice, and then
 * found in the zone. croner itself passes over a gap with several slots, and repeats an hour with several.
 */
function nextByWallClock(cron: string, timeZone: string, after: Date): Date | null {
  const offset = offsetIn(timeZone);
  const walls = read(cron, 'UTC');
  let wall = walls.nextRun(new Date(after.getTime() + offset(after.getTime())));
  for (; wall !== null; wall = walls.nextRun(wall)) {
    const at = momentOf(wall.getTime(), offset);
    if (at > after.getTime()) {
      return new Date(at);
    }
  }
  return null;
}

const DAY = 86_400_000;

/** The first moment at which a zone's clocks show this time; where they never do, the first moment after the gap. */
function momentOf(wall: number, offset: (at: number) => number): number {
  const moments = [wall - offset(wall - DAY), wall - offset(wall + DAY)].sort((a, b) => a - b);
  const shown = moments.find((at) => at + offset(at) === wall);
  if (shown !== undefined) {
    return shown;
  }
  let [before = 0, after = 0] = moments;
  const offsetBefore = offset(before);
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offset(middle) === offsetBefore) {
      before = middle;
    } else {
      after = middle;
    }
  }
  return after;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** How far a zone's clocks are ahead of UTC at a moment, in milliseconds. */
function offsetIn(timeZone: string): (at: number) => number {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  formats.set(timeZone, format);
  return (at) => {
    const parts = Object.fromEntries(
      format.formatToParts(at).map(({ type, value }) => [type, Number(value)]),
    );
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
  };
}
