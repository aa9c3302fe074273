/** From `from` on and before `until`; null for no end on that side. */
export interface Created {
  readonly from: Date | null;
  readonly until: Date | null;
}

const day = /^\d{4}-\d{2}-\d{2}$/;
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z$/;

/** A day that the calendar lacks, such as 30 February, is none: Date would move it on. */
function begins(text: string): Date | null {
  if (!day.test(text) && !instant.test(text)) {
    return null;
  }
  const at = new Date(day.test(text) ? `${text}T00:00:00Z` : text);
  return Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== text.slice(0, 10) ? null : at;
}

/** A day is over when the next one begins; an instant is its own end. */
function ends(text: string): Date | null {
  const at = begins(text);
  return at === null || !day.test(text) ? at : new Date(at.getTime() + 86_400_000);
}

/** The value of `created:`: a day, or a range of days or instants in UTC that may be open at one side. */
export function parseCreated(value: string): Created | { problem: string } {
  const [left = '', right, more] = value.includes('..') ? value.split('..') : [value, value];
  const from = left === '' ? null : begins(left);
  const until = right === undefined || right === '' ? null : ends(right);
  const wrong = [left, right ?? ''].find((text) => text !== '' && begins(text) === null);
  if (wrong !== undefined || more !== undefined || (from === null && until === null)) {
    return {
      problem: `“created:${value}” is no range. Write a day (2026-11-01), a range (2026-11-01..2026-11-28, 2026-11-01.. or ..2026-11-28), or instants in UTC (2026-11-01T09:30Z..).`,
    };
  }
  if (from !== null && until !== null && from >= until) {
    return { problem: `“created:${value}” ends before it begins.` };
  }
  return { from, until };
}
