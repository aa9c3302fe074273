import type { PolicyRules, RulesWish } from '#core/schedule/rules.ts';

/* Blackouts as lines of text: `2026-12-20 2027-01-03 Year end`. Whole days are in UTC, times are instants. */

const DAY = 86_400_000;
const isDay = (text: string) => /^\d{4}-\d{2}-\d{2}$/.test(text);

function dayAfter(day: string): string {
  const at = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(at) ? day : new Date(at + DAY).toISOString();
}

/** What the lines say: days from the first to the last, or instants as they stand, and why. */
export function blackoutsOf(text: string): NonNullable<RulesWish['blackouts']> {
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const [from = '', to = '', ...reason] = line.split(/\s+/);
      return {
        from: isDay(from) ? `${from}T00:00:00Z` : from,
        to: isDay(to) ? dayAfter(to) : to,
        reason: reason.join(' '),
      };
    });
}

const isMidnight = (at: number) => at % DAY === 0;

/** The lines that `blackoutsOf` reads the same blackouts from, to the millisecond. */
export function linesOf(blackouts: PolicyRules['blackouts']): string {
  return blackouts
    .map(({ from, to, reason }) => {
      const [begins, ends] = [Date.parse(from), Date.parse(to)];
      if (!isMidnight(begins) || !isMidnight(ends)) {
        return `${from} ${to} ${reason}`;
      }
      const day = (at: number) => new Date(at).toISOString().slice(0, 10);
      return `${day(begins)} ${day(ends - DAY)} ${reason}`;
    })
    .join('\n');
}
