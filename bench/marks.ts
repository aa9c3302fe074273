/* Notes of what happens when, in the processes of a benchmark, and only where BENCH_MARKS asks for it. */

export interface Mark {
  /** Nanoseconds of the clock that all processes of this machine share. */
  at: string;
  what: string;
}

const isOn = process.env.BENCH_MARKS === 'on';
let marks: Mark[] = [];

/** Notes that something happens now. */
export function mark(what: string): void {
  if (isOn) {
    marks.push({ at: String(process.hrtime.bigint()), what });
  }
}

/** What was noted since this was asked last. */
export function takeMarks(): Mark[] {
  const taken = marks;
  marks = [];
  return taken;
}

if (isOn) {
  const { watchWaits } = await import('#bench/watch.ts');
  watchWaits(mark);
}
