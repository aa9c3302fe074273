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
 * Throws `RhythmError` for an expression or a zone that cannot be read.
 */
export function nextSlot(rhythm: Rhythm, after: Date, anchor: Date): Date | null {
  if ('intervalSeconds' in rhythm) {
    const interval = rhythm.intervalSeconds * 1000;
    const passed = Math.floor((after.getTime() - anchor.getTime()) / interval);
    return new Date(anchor.getTime() + Math.max(0, passed + 1) * interval);
  }
  try {
    return new Cron(rhythm.cron, { timezone: rhythm.timeZone, paused: true, mode: '5-part' }).nextRun(after);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new RhythmError(`"${rhythm.cron}" in ${rhythm.timeZone} cannot be read as a schedule: ${said}`);
  }
}
