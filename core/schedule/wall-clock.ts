/* What clocks on the wall of a zone show, and when. */

export const DAY = 86_400_000;

/** The first moment at which a zone's clocks show this time; where they never do, the first moment after the gap. */
export function momentOf(wall: number, offset: (at: number) => number): number {
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

/** Whether this is the name of a time zone, also one that is known under another name by now. */
export function isTimeZone(name: string): boolean {
  try {
    return name !== '' && new Intl.DateTimeFormat('en-US', { timeZone: name }) !== null;
  } catch {
    return false;
  }
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** How far a zone's clocks are ahead of UTC at a moment, in milliseconds. */
export function offsetIn(timeZone: string): (at: number) => number {
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
