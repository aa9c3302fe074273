import { textOf, type Values } from '#cli/command.ts';
import { durationFault, parseDuration } from '#lib/duration.ts';
import { Problem } from '#lib/problem.ts';

/** `10m` as `PT10M`; what is not written so stays as it is, for the API to judge. */
export function asDuration(text: string): string {
  const { count, unit = '' } = /^(?<count>\d{1,9})(?<unit>[smhdw])$/.exec(text)?.groups ?? {};
  if (count === undefined) return text;
  return `${'dw'.includes(unit) ? 'P' : 'PT'}${count}${unit.toUpperCase()}`;
}

/** An option's duration as the API takes it; undefined where it was not given. */
export function durationOf(values: Values, name: string): string | undefined {
  const text = textOf(values, name);
  return text === undefined ? undefined : asDuration(text);
}

/** An option's duration in seconds, one at the least. Throws a `Problem` where it is none. */
export function secondsOf(values: Values, name: string): number | undefined {
  const text = durationOf(values, name);
  if (text === undefined) return undefined;
  const seconds = parseDuration(text);
  if (seconds === null || seconds === 0) {
    const why = durationFault(text) ?? 'It has to be longer than nothing.';
    throw new Problem(400, 'usage', `--${name}: ${why} 10m, 4h and 1d are understood, too.`);
  }
  return seconds;
}
