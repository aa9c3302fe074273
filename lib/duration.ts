const shape = /^P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?$/;

const units = [604_800, 86_400, 3600, 60, 1];

/** Why a text is no duration; null when it is one. */
export function durationFault(text: string): string | null {
  if (/^P[^T]*[YM]/.test(text)) {
    return 'Years and months are of no fixed length. Say it in weeks or days, for example P30D.';
  }
  if (/[.,]/.test(text)) {
    return 'A duration is in whole seconds, for example PT90S.';
  }
  return shape.test(text) && /\d/.test(text) && !text.endsWith('T')
    ? null
    : 'This is not a duration. Write it as in ISO 8601: P1D for a day, PT90M for ninety minutes, PT0S for none.';
}

/** An ISO 8601 duration (section 5.5.2) of fixed length, in seconds; null where it is none. */
export function parseDuration(text: string): number | null {
  if (durationFault(text) !== null) {
    return null;
  }
  const parts = shape.exec(text)?.slice(1) ?? [];
  return units.reduce((sum, unit, n) => sum + unit * Number(parts[n] ?? 0), 0);
}

/** Seconds as the shortest ISO 8601 duration in days, hours, minutes and seconds: `P1D`, `PT1H30M`, `PT0S`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const days = Math.floor(whole / 86_400);
  const time = [
    [Math.floor((whole % 86_400) / 3600), 'H'],
    [Math.floor((whole % 3600) / 60), 'M'],
    [whole % 60, 'S'],
  ] as const;
  const told = time.map(([count, unit]) => (count === 0 ? '' : `${count}${unit}`)).join('');
  const date = days === 0 ? '' : `${days}D`;
  return date === '' && told === '' ? 'PT0S' : `P${date}${told === '' ? '' : `T${told}`}`;
}

const spoken = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const;

/** Seconds as a person says them, in the largest unit that leaves no rest: `1 day`, `36 hours`, `90 seconds`. */
export function sayDuration(seconds: number): string {
  const [length, unit] = spoken.find(([one]) => seconds >= one && seconds % one === 0) ?? [1, 'second'];
  const count = seconds / length;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
