const DAY = 86_400;
const HOUR = 3600;

/** Three units are enough: what rotates every few minutes is told in minutes. */
function unitFor(seconds: number): { size: number; one: string; many: string } {
  if (seconds >= 2 * DAY) {
    return { size: DAY, one: 'day', many: 'days' };
  }
  return seconds >= 2 * HOUR
    ? { size: HOUR, one: 'hour', many: 'hours' }
    : { size: 60, one: 'minute', many: 'minutes' };
}

/**
 * `61 of 90 days` where a policy says how old a secret may become, else `61 days`. Whole units that have passed: 61 days
 * and 23 hours are 61 days, because 62 would be said too early.
 */
export function ageWords(seconds: number, allowedSeconds: number | null): string {
  const unit = unitFor(allowedSeconds ?? seconds);
  const age = Math.floor(Math.max(0, seconds) / unit.size);
  if (allowedSeconds === null) {
    return `${age} ${age === 1 ? unit.one : unit.many}`;
  }
  const allowed = Math.round(allowedSeconds / unit.size);
  return `${age} of ${allowed} ${allowed === 1 ? unit.one : unit.many}`;
}

/** How much of the allowed age is used up, from 0 to 1; more than that is 1. */
export const ageShare = (seconds: number, allowedSeconds: number): number =>
  allowedSeconds <= 0 ? 1 : Math.min(1, Math.max(0, seconds / allowedSeconds));
