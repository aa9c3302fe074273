import { recorded } from '#bench/recorded.ts';

/** What one benchmark found out about one figure. Without a bound it is told and not judged. */
export interface Finding {
  what: string;
  floor: string;
  subject: string;
  /** The median of subject divided by floor, pair by pair. */
  ratio: number;
  /** The lowest and the highest ratio of a pair: how much noise there was. */
  range: readonly [number, number];
  bound?: { atLeast: number } | { atMost: number };
}

/** A half of a benchmark that this machine cannot run. */
export interface Skipped {
  what: string;
  skipped: string;
}

export type Result = Finding | Skipped;

export interface Settings {
  pairs: number;
  /** How long one run of a pair takes. */
  seconds: number;
  /** How many events the audit log has. */
  rows: number;
  /** How many credentials have a policy. */
  assignments: number;
  /** For how many open rotations is rung again. */
  open: number;
}

export interface Pair<T> {
  floor: T;
  subject: T;
}

/**
 * Runs floor and subject in pairs, after one of each that is thrown away. Which of them goes first changes from pair to
 * pair, so that whatever else the machine does meets both.
 */
export async function interleave<T>(
  pairs: number,
  floor: () => Promise<T>,
  subject: () => Promise<T>,
): Promise<Pair<T>[]> {
  await floor();
  await subject();
  const done: Pair<T>[] = [];
  for (let n = 0; n < pairs; n += 1) {
    if (n % 2 === 0) {
      const first = await floor();
      done.push({ floor: first, subject: await subject() });
    } else {
      const first = await subject();
      done.push({ floor: await floor(), subject: first });
    }
  }
  return done;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}

/** Makes a finding of one figure of every pair. */
export function find<T>(
  what: string,
  pairs: readonly Pair<T>[],
  figure: (run: T) => number,
  { unit, bound }: { unit: string; bound?: Finding['bound'] },
): Finding {
  const ratios = pairs.map(({ floor, subject }) => figure(subject) / figure(floor));
  const told = (runs: readonly T[]) => `${round(median(runs.map(figure)))} ${unit}`;
  return {
    what,
    floor: told(pairs.map(({ floor }) => floor)),
    subject: told(pairs.map(({ subject }) => subject)),
    ratio: median(ratios),
    range: [Math.min(...ratios), Math.max(...ratios)],
    ...(bound === undefined ? {} : { bound }),
  };
}

export function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** Whether a result is within its bound; a ratio that is not a number never is. */
export function holds(result: Result): boolean {
  if ('skipped' in result || result.bound === undefined) {
    return true;
  }
  return 'atLeast' in result.bound
    ? result.ratio >= result.bound.atLeast
    : result.ratio <= result.bound.atMost;
}

/** Whether a result is out of its bound by more than it was when it was recorded, or was within it then. */
export function isWorse(result: Result, before = recorded): boolean {
  if ('skipped' in result || result.bound === undefined || holds(result)) {
    return false;
  }
  const was = before[result.what];
  const isAsGood =
    was !== undefined && ('atLeast' in result.bound ? result.ratio >= was : result.ratio <= was);
  return !isAsGood;
}

function verdictOf(result: Finding): string {
  const { bound } = result;
  if (bound === undefined) {
    return '';
  }
  const wanted = 'atLeast' in bound ? `≥ ${bound.atLeast}x` : `≤ ${bound.atMost}x`;
  const verdict = holds(result) ? 'ok' : isWorse(result) ? 'FAIL, worse than recorded' : 'FAIL, as recorded';
  return `${verdict}, wanted ${wanted}`;
}

function row(result: Result): string[] {
  if ('skipped' in result) {
    return [result.what, '', '', '', '', `skipped: ${result.skipped}`];
  }
  const { what, floor, subject, ratio, range } = result;
  const spread = `${range[0].toFixed(2)}–${range[1].toFixed(2)}`;
  return [what, floor, subject, `${ratio.toFixed(2)}x`, spread, verdictOf(result)];
}

/** The results as text, in columns. */
export function table(results: readonly Result[]): string {
  const rows = [['', 'floor', 'subject', 'median', 'range', ''], ...results.map(row)];
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  return rows
    .map((cells) => `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .join('\n');
}
