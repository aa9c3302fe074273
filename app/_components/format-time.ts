/* Times as people read them. Pure: the moment "now" and the zone are always given. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length in seconds: `under 0.1 s`, `1.4 s`, `42 s`, `2 min 5 s`, `3 h 20 min`, `2 d 4 h`. */
export function duration(seconds: number): string {
  if (seconds > 0 && seconds < 0.05) {
    return 'under 0.1 s';
  }
  if (seconds < 9.95) {
    return `${Math.round(Math.max(0, seconds) * 10) / 10} s`;
  }
  const whole = Math.round(seconds);
  const pair = (big: number, bigUnit: string, small: number, smallUnit: string) => {
    const rest = Math.floor((whole % big) / small);
    return `${Math.floor(whole / big)} ${bigUnit}${rest === 0 ? '' : ` ${rest} ${smallUnit}`}`;
  };
  if (whole < MINUTE) {
    return `${whole} s`;
  }
  if (whole < HOUR) {
    return pair(MINUTE, 'min', 1, 's');
  }
  return whole < DAY ? pair(HOUR, 'h', MINUTE, 'min') : pair(DAY, 'd', HOUR, 'h');
}

function inOneUnit(seconds: number): string {
  if (seconds < MINUTE) {
    return `${Math.floor(seconds)} s`;
  }
  if (seconds < HOUR) {
    return `${Math.floor(seconds / MINUTE)} min`;
  }
  return seconds < 2 * DAY ? `${Math.floor(seconds / HOUR)} h` : `${Math.floor(seconds / DAY)} d`;
}

/** `12 min ago`, `in 3 d`, `just now`. `now` in milliseconds since 1970. */
export function relativeTime(at: string, now: number): string {
  const seconds = (new Date(at).getTime() - now) / 1000;
  if (Math.abs(seconds) < 2) {
    return 'just now';
  }
  return seconds < 0 ? `${inOneUnit(-seconds)} ago` : `in ${inOneUnit(seconds)}`;
}

/** The zone's short name where one of these languages has one (`CET`, `EST`), else its offset. */
function zoneName(at: Date, zone: string | undefined): string {
  let name = '';
  for (const language of ['en-GB', 'en-US', 'en-AU']) {
    const format = new Intl.DateTimeFormat(language, { timeZone: zone, timeZoneName: 'short' });
    name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    if (!/^GMT./.test(name)) {
      break;
    }
  }
  return name;
}

/** `Tue 24 Nov 2026, 14:05 CET`: always with its zone. Without `zone`, in the zone of this machine. */
export function absoluteTime(at: string | number, zone?: string, withSeconds = false): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    ...(withSeconds ? { second: '2-digit' } : {}),
    timeZone: zone,
  });
  const moment = new Date(at);
  const parts = new Map(format.formatToParts(moment).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? '';
  const clock = [part('hour'), part('minute'), ...(withSeconds ? [part('second')] : [])].join(':');
  // Some builds of the locale write "Sept"; three letters everywhere keep columns straight.
  const month = part('month').slice(0, 3);
  return `${part('weekday')} ${part('day')} ${month} ${part('year')}, ${clock} ${zoneName(moment, zone)}`;
}

/** `24 Nov`. Without `zone`, in the zone of this machine. */
export function shortDay(at: string, zone?: string): string {
  const format = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: zone });
  return format.format(new Date(at)).replace('Sept', 'Sep');
}
