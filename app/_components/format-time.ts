import { lengths, moments } from '#app/_words/time.ts';

/* Times as people read them. Pure: the moment "now" and the zone are always given. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length in seconds: `under 0.1 s`, `1.4 s`, `42 s`, `2 min 5 s`, `3 h 20 min`, `2 d 4 h`. */
export function duration(seconds: number): string {
  if (seconds > 0 && seconds < 0.05) {
    return lengths.hardlyAny;
  }
  if (seconds < 9.95) {
    return lengths.seconds(Math.round(Math.max(0, seconds) * 10) / 10);
  }
  const whole = Math.round(seconds);
  const { seconds: inSeconds, minutes, hours, days } = lengths;
  if (whole < MINUTE) {
    return inSeconds(whole);
  }
  if (whole < HOUR) {
    return inTwoUnits(minutes(Math.floor(whole / MINUTE)), whole % MINUTE, inSeconds);
  }
  if (whole < DAY) {
    return inTwoUnits(hours(Math.floor(whole / HOUR)), Math.floor((whole % HOUR) / MINUTE), minutes);
  }
  return inTwoUnits(days(Math.floor(whole / DAY)), Math.floor((whole % DAY) / HOUR), hours);
}

const inTwoUnits = (long: string, rest: number, unit: (n: number) => string) =>
  rest === 0 ? long : lengths.two(long, unit(rest));

function inOneUnit(seconds: number): string {
  if (seconds < MINUTE) {
    return lengths.seconds(Math.floor(seconds));
  }
  if (seconds < HOUR) {
    return lengths.minutes(Math.floor(seconds / MINUTE));
  }
  return seconds < 2 * DAY
    ? lengths.hours(Math.floor(seconds / HOUR))
    : lengths.days(Math.floor(seconds / DAY));
}

/** `12 min ago`, `in 3 d`, `just now`. `now` in milliseconds since 1970. */
export function relativeTime(at: string, now: number): string {
  const seconds = (new Date(at).getTime() - now) / 1000;
  if (Math.abs(seconds) < 2) {
    return lengths.justNow;
  }
  return seconds < 0 ? lengths.ago(inOneUnit(-seconds)) : lengths.ahead(inOneUnit(seconds));
}

/** The zone's short name where one of these languages has one (`CET`, `EST`), else its offset. */
function zoneName(at: Date, zone: string | undefined): string {
  let name = '';
  for (const language of moments.zoneLanguages) {
    const format = new Intl.DateTimeFormat(language, { timeZone: zone, timeZoneName: 'short' });
    name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    if (!/^GMT./.test(name)) {
      break;
    }
  }
  return name;
}

function partsOf(format: Intl.DateTimeFormat, at: Date): (type: Intl.DateTimeFormatPartTypes) => string {
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return (type) => parts.get(type) ?? '';
}

/** Some builds of the locale write "Sept"; three letters everywhere keep columns straight. */
const shortMonth = (month: string) => month.slice(0, 3);

/** `Tue 24 Nov 2026, 14:05 CET`: always with its zone. Without `zone`, in the zone of this machine. */
export function absoluteTime(at: string | number, zone?: string, withSeconds = false): string {
  const format = new Intl.DateTimeFormat(moments.language, {
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
  const part = partsOf(format, moment);
  const clock = [part('hour'), part('minute'), ...(withSeconds ? [part('second')] : [])].join(':');
  return moments.whole({
    weekday: part('weekday'),
    day: part('day'),
    month: shortMonth(part('month')),
    year: part('year'),
    clock,
    zone: zoneName(moment, zone),
  });
}

/** `24 Nov`. Without `zone`, in the zone of this machine. */
export function shortDay(at: string, zone?: string): string {
  const format = new Intl.DateTimeFormat(moments.language, {
    day: 'numeric',
    month: 'short',
    timeZone: zone,
  });
  const part = partsOf(format, new Date(at));
  return moments.day(part('day'), shortMonth(part('month')));
}
