import { levelWord } from '#app/_words/rotation.ts';
import type { Rhythm } from '#core/schedule/next-slot.ts';
import type { PolicyRules } from '#core/schedule/rules.ts';

/* When a policy rotates, in words. */

const units = [
  { seconds: 86_400, one: 'day' },
  { seconds: 3_600, one: 'hour' },
  { seconds: 60, one: 'minute' },
  { seconds: 1, one: 'second' },
];

/** A length in the largest unit that divides it: `30 days`, `1 hour`, `90 minutes`. */
export function lengthWords(seconds: number): string {
  const { amount, one } = inUnits(seconds);
  return `${amount} ${one}${amount === 1 ? '' : 's'}`;
}

function everyWords(seconds: number): string {
  const { amount, one } = inUnits(seconds);
  return amount === 1 ? `every ${one}` : `every ${amount} ${one}s`;
}

function inUnits(seconds: number): { amount: number; one: string } {
  const unit = units.find((one) => seconds >= one.seconds && seconds % one.seconds === 0);
  return unit === undefined
    ? { amount: seconds, one: 'second' }
    : { amount: seconds / unit.seconds, one: unit.one };
}

/** By the numbers of a cron expression, in which Sunday is both 0 and 7. */
export const weekdays = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
];
const isNumber = (text: string) => /^\d{1,2}$/.test(text);
const isNumbers = (text: string) => /^\d{1,2}(,\d{1,2})*$/.test(text);
const two = (text: string) => text.padStart(2, '0');

/** `a`, `a and b`, `a, b and c`. */
export function listWords(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

function clockWords(minute: string, hour: string): string {
  return listWords(hour.split(',').map((one) => `${two(one)}:${two(minute)}`));
}

function dayWords(day: string, month: string, weekday: string): string | null {
  if (month !== '*') {
    return null;
  }
  if (day === '*') {
    if (weekday === '*') return 'every day';
    if (weekday === '1-5') return 'Monday to Friday';
    if (!/^[0-7](,[0-7])*$/.test(weekday)) return null;
    return `every ${listWords(weekday.split(',').map((one) => weekdays[Number(one)] ?? one))}`;
  }
  if (weekday !== '*' || !isNumbers(day)) return null;
  return `on day ${listWords(day.split(','))} of every month`;
}

/** A cron expression of a usual form in words; null for any other. */
function cronWords(expression: string): string | null {
  // `*/1` is every one of them.
  const fields = expression
    .trim()
    .split(/\s+/)
    .map((field) => (/^\*\/0*1$/.test(field) ? '*' : field));
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  const days = dayWords(day, month, weekday);
  const isDaily = days === 'every day';
  if (isDaily && minute === '*' && hour === '*') return 'every minute';
  const step = /^\*\/(\d{1,2})$/;
  const minutes = step.exec(minute)?.[1];
  if (isDaily && minutes !== undefined && hour === '*') return `every ${minutes} minutes of the hour`;
  if (isDaily && isNumber(minute) && hour === '*') return `every hour, at minute ${minute}`;
  const hours = step.exec(hour)?.[1];
  if (isDaily && isNumber(minute) && hours !== undefined) return `every ${hours} hours, at minute ${minute}`;
  if (days === null || !isNumber(minute) || !isNumbers(hour)) return null;
  return `${days} at ${clockWords(minute, hour)}`;
}

/** `Every 30 days`, `Every Monday at 03:00, Europe/Berlin`, and the expression itself where no words fit. */
export function rhythmWords(rhythm: Rhythm): string {
  if ('intervalSeconds' in rhythm) {
    return capital(everyWords(rhythm.intervalSeconds));
  }
  const words = cronWords(rhythm.cron) ?? `by the cron expression ${rhythm.cron}`;
  return `${capital(words)}, ${rhythm.timeZone}`;
}

/** Sentences in a row; those that say nothing leave no gap. */
export const sentencesOf = (sentences: readonly string[]) => sentences.filter(Boolean).join(' ');

/** What a policy says beside its rhythm; empty where it says nothing. */
export function rulesWords({ window, blackouts, jitterSeconds }: PolicyRules): string {
  const names = window?.days.map((day) => weekdays[day] ?? String(day)) ?? [];
  const days =
    names.length === 7
      ? 'every day'
      : window?.days.join() === '1,2,3,4,5'
        ? 'Monday to Friday'
        : `on ${listWords(names)}`;
  return [
    ...(window === null ? [] : [`Starts ${days} from ${window.from} to ${window.to}, ${window.timeZone}.`]),
    ...(blackouts.length === 0
      ? []
      : [`Not in ${blackouts.length === 1 ? 'one blackout' : `${blackouts.length} blackouts`}.`]),
    ...(jitterSeconds === 0 ? [] : [`Spread over ${lengthWords(jitterSeconds)}.`]),
  ].join(' ');
}

/** What limits a policy sets; empty where it sets none. */
export function limitWords(limits: {
  minSpacingSeconds: number;
  maxAgeSeconds: number | null;
  ageBringsForward: boolean;
  renewBeforeSeconds: number | null;
}): string {
  const { minSpacingSeconds: apart, maxAgeSeconds: age, renewBeforeSeconds: before } = limits;
  return [
    ...(apart === 0 ? [] : [`Starts at one issuer are ${lengthWords(apart)} apart.`]),
    ...(before === null ? [] : [`Rotates ${lengthWords(before)} before a secret expires.`]),
    ...(age === null
      ? []
      : [
          `A secret may be ${lengthWords(age)} old${limits.ageBringsForward ? ', and is rotated then' : ''}.`,
        ]),
  ].join(' ');
}

/** Who has to agree, as a policy says; empty where nobody has to. */
export function approvalWords(approvals: number): string {
  return approvals === 0 ? '' : `Wants ${approvals === 1 ? 'one approval' : `${approvals} approvals`}.`;
}

/** How far a policy has deliveries confirmed; empty where each target says so. */
export const needsWords = (needs: string | null): string =>
  needs === null
    ? ''
    : `Every required delivery is confirmed as ${levelWord(needs).toLowerCase()} at the least.`;

/** When a step that fails is held; empty where a policy sets no limit of its own. */
export function retryWords({
  retryAttempts: attempts,
  retrySeconds: time,
}: {
  retryAttempts: number;
  retrySeconds: number;
}): string {
  const tries = attempts === 1 ? 'at its first failure' : `after ${attempts} attempts`;
  return attempts === 8 && time === 3600 ? '' : `A step that fails is held ${tries} or ${lengthWords(time)}.`;
}

/** Which notifiers tell of a policy's credentials; empty where all do. */
export function toldWords(
  ids: readonly string[],
  notifiers: readonly { id: string; name: string }[],
): string {
  const names = notifiers.filter(({ id }) => ids.includes(id)).map(({ name }) => name);
  return names.length === 0 ? '' : `Told by ${listWords(names)}.`;
}

/** What a grace period means for the old version. */
export function graceWords(seconds: number, afterUse: number | null = null): string {
  if (seconds === 0) {
    return 'The old version is retired at once.';
  }
  return afterUse === null
    ? `The old version is kept for ${lengthWords(seconds)}.`
    : `The old version is kept until ${lengthWords(afterUse)} after the new one is seen in use, at the longest for ${lengthWords(seconds)}.`;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
