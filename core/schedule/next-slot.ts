import { Cron } from 'croner';
import { momentOf, offsetIn } from '#core/schedule/wall-clock.ts';

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

/**
 * The slot that follows one that was moved from `planned` to `at`. It has taken the place of the planned one, so a fixed
 * distance counts from it, and a calendar goes on after both.
 */
export function slotAfterMoved(rhythm: Rhythm, planned: Date, at: Date): Date | null {
  return 'intervalSeconds' in rhythm
    ? nextSlot(rhythm, at, at)
    : nextSlot(rhythm, planned > at ? planned : at, planned);
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
