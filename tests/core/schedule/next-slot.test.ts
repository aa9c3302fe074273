import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextSlot, type Rhythm, RhythmError } from '#core/schedule/next-slot.ts';

/* The library's own behaviour is not trusted: what a cron expression means on odd days is written down here. */

const start = (text: string) => new Date(text);

function slots(rhythm: Rhythm, from: Date, until: Date): Date[] {
  const found: Date[] = [];
  for (
    let slot = nextSlot(rhythm, from, from);
    slot !== null && slot <= until;
    slot = nextSlot(rhythm, slot, from)
  ) {
    found.push(slot);
  }
  return found;
}

const iso = (dates: readonly Date[]) => dates.map((date) => date.toISOString().slice(0, 16));

test.each([
  [
    'a time that a spring day does not have: at the first moment after',
    '30 2 * * *',
    'Europe/Berlin',
    '2026-03-28T12:00Z',
    '2026-03-30T12:00Z',
    ['2026-03-29T01:00', '2026-03-30T00:30'],
  ],
  [
    'several such times of one day: once',
    '0,30 2 * * *',
    'Europe/Berlin',
    '2026-03-28T12:00Z',
    '2026-03-29T12:00Z',
    ['2026-03-29T01:00'],
  ],
  [
    'one such time and the moment after: once',
    '0 2,3 * * *',
    'Europe/Berlin',
    '2026-03-28T12:00Z',
    '2026-03-29T12:00Z',
    ['2026-03-29T01:00'],
  ],
  [
    'a time that an autumn day has twice: the first one',
    '30 2 * * *',
    'Europe/Berlin',
    '2026-10-24T12:00Z',
    '2026-10-26T12:00Z',
    ['2026-10-25T00:30', '2026-10-26T01:30'],
  ],
  [
    'New York in spring',
    '30 2 * * *',
    'America/New_York',
    '2026-03-07T12:00Z',
    '2026-03-09T12:00Z',
    ['2026-03-08T07:00', '2026-03-09T06:30'],
  ],
  [
    'New York in autumn',
    '30 1 * * *',
    'America/New_York',
    '2026-10-31T12:00Z',
    '2026-11-02T12:00Z',
    ['2026-11-01T05:30', '2026-11-02T06:30'],
  ],
  [
    'Lord Howe, which moves by half an hour, in spring',
    '15 2 * * *',
    'Australia/Lord_Howe',
    '2026-10-02T17:00Z',
    '2026-10-04T16:00Z',
    ['2026-10-03T15:30', '2026-10-04T15:15'],
  ],
  [
    'Lord Howe in autumn',
    '45 1 * * *',
    'Australia/Lord_Howe',
    '2026-04-03T16:00Z',
    '2026-04-05T16:00Z',
    ['2026-04-04T14:45', '2026-04-05T15:15'],
  ],
  [
    'a midnight that does not exist',
    '0 0 * * *',
    'America/Sao_Paulo',
    '2018-11-03T12:00Z',
    '2018-11-05T12:00Z',
    ['2018-11-04T03:00', '2018-11-05T02:00'],
  ],
  [
    'a leap day: in leap years only',
    '0 0 29 2 *',
    'UTC',
    '2026-01-01T00:00Z',
    '2033-01-01T00:00Z',
    ['2028-02-29T00:00', '2032-02-29T00:00'],
  ],
  [
    'the 31st: in months that have one',
    '0 0 31 * *',
    'UTC',
    '2026-01-31T01:00Z',
    '2026-08-01T00:00Z',
    ['2026-03-31T00:00', '2026-05-31T00:00', '2026-07-31T00:00'],
  ],
] as const)('%s', (_name, cron, timeZone, from, until, expected) => {
  expect(iso(slots({ cron, timeZone }, start(from), start(until)))).toEqual(expected);
});

test('every quarter of an hour goes on in real time when the clocks change', () => {
  for (const day of ['2026-03-29', '2026-10-25']) {
    const rhythm = { cron: '*/15 * * * *', timeZone: 'Europe/Berlin' };
    const found = slots(rhythm, start(`${day}T00:00Z`), start(`${day}T06:00Z`));
    const distances = found.slice(1).map((slot, n) => slot.getTime() - (found[n]?.getTime() ?? 0));
    expect(new Set(distances)).toEqual(new Set([15 * 60_000]));
  }
});

const zones = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Pacific/Auckland',
  'Africa/Casablanca',
  'America/St_Johns',
  'UTC',
];

/** The calendar day at a moment in a zone. */
function dayIn(timeZone: string, at: Date): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(at);
}

test('a daily time comes on every day of every zone, exactly once: never skipped, never twice', () => {
  const daily = fc.record({
    timeZone: fc.constantFrom(...zones),
    hour: fc.integer({ min: 0, max: 23 }),
    minute: fc.integer({ min: 0, max: 59 }),
    from: fc.date({ min: start('2024-01-01T00:00Z'), max: start('2030-01-01T00:00Z'), noInvalidDate: true }),
  });
  fc.assert(
    fc.property(daily, ({ timeZone, hour, minute, from }) => {
      const until = new Date(from.getTime() + 220 * 86_400_000);
      const days = slots({ cron: `${minute} ${hour} * * *`, timeZone }, from, until).map((slot) =>
        dayIn(timeZone, slot),
      );
      expect(new Set(days).size).toBe(days.length);
      const expected: string[] = [];
      for (
        let day = start(`${days[0]}T12:00Z`);
        expected.length < days.length;
        day = new Date(day.getTime() + 86_400_000)
      ) {
        expected.push(day.toISOString().slice(0, 10));
      }
      expect(days).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

const wallClocks = new Map<string, Map<string, number>>();

/** The moments of three days by the wall clock of a zone, minute by minute: the first moment of each wall time. */
function wallClock(timeZone: string, from: Date): Map<string, number> {
  const name = `${timeZone} ${from.toISOString()}`;
  const known = wallClocks.get(name);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'short',
    hourCycle: 'h23',
  });
  const first = new Map<string, number>();
  for (let minute = 0; minute < 3 * 1440; minute += 1) {
    const at = from.getTime() + minute * 60_000;
    const wall = format.format(at);
    if (!first.has(wall)) first.set(wall, at);
  }
  wallClocks.set(name, first);
  return first;
}

test('around every change of the clocks, any list of times comes as the wall clock of the zone says', () => {
  const changes = fc.constantFrom(
    ['Europe/Berlin', '2026-03-28T00:00Z'],
    ['Europe/Berlin', '2026-10-24T00:00Z'],
    ['America/New_York', '2026-03-07T00:00Z'],
    ['America/New_York', '2026-10-31T00:00Z'],
    ['Australia/Lord_Howe', '2026-10-02T00:00Z'],
    ['Australia/Lord_Howe', '2026-04-03T00:00Z'],
    ['America/St_Johns', '2026-03-07T00:00Z'],
    ['America/Sao_Paulo', '2018-11-03T00:00Z'],
  );
  const list = (max: number) => fc.uniqueArray(fc.integer({ min: 0, max }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(changes, list(59), list(4), ([timeZone, text], minutes, hours) => {
      const from = start(text);
      const until = new Date(from.getTime() + 60 * 3_600_000);
      const wall = wallClock(timeZone, from);
      const walls = [...wall.keys()];
      const expected = new Set<number>();
      for (const day of new Set(walls.map((one) => one.slice(0, 10)))) {
        for (const hour of hours) {
          for (const minute of minutes) {
            const time = `${day}, ${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
            // A time that the day does not have: the first moment whose wall time is later.
            const at = wall.get(time) ?? wall.get(walls.find((one) => one > time) ?? '');
            if (at !== undefined && time > (walls[0] ?? '')) expected.add(at);
          }
        }
      }
      const due = [...expected]
        .sort((a, b) => a - b)
        .filter((at) => at > from.getTime() && at <= until.getTime());
      const cron = `${minutes.join(',')} ${hours.join(',')} * * *`;
      expect(iso(slots({ cron, timeZone }, from, until))).toEqual(iso(due.map((at) => new Date(at))));
    }),
    { numRuns: 150 },
  );
});

test('the next slot lies after the last one, from whatever moment it is computed', () => {
  const any = fc.record({
    rhythm: fc.oneof(
      fc.record({ intervalSeconds: fc.integer({ min: 60, max: 10_000_000 }) }),
      fc.record({
        cron: fc.constantFrom('*/7 * * * *', '0 3 * * 1', '30 2 1 * *', '15 1,2,3 * 3,10 0'),
        timeZone: fc.constantFrom(...zones),
      }),
    ),
    from: fc.date({ min: start('2024-01-01T00:00Z'), max: start('2030-01-01T00:00Z'), noInvalidDate: true }),
    jump: fc.integer({ min: -5_000_000, max: 5_000_000 }),
  });
  fc.assert(
    fc.property(any, ({ rhythm, from, jump }) => {
      const anchor = new Date(from.getTime() + jump * 1000);
      const first = nextSlot(rhythm, from, anchor);
      const second = first === null ? null : nextSlot(rhythm, first, anchor);
      expect(first?.getTime()).toBeGreaterThan(from.getTime());
      expect(second?.getTime()).toBeGreaterThan(first?.getTime() ?? 0);
      // Computed anew a little before the slot, as after a restart, it is the same slot.
      expect(nextSlot(rhythm, new Date((first?.getTime() ?? 0) - 1), anchor)).toEqual(first);
    }),
    { numRuns: 200 },
  );
});

test('an expression that never comes has no slot, and what is none is refused with a sentence', () => {
  expect(
    nextSlot({ cron: '0 0 31 2 *', timeZone: 'UTC' }, start('2026-01-01T00:00Z'), start('2026-01-01T00:00Z')),
  ).toBeNull();
  for (const rhythm of [
    { cron: 'every day', timeZone: 'UTC' },
    { cron: '0 3 * * *', timeZone: 'Europe/Atlantis' },
    { cron: '* * * * * *', timeZone: 'UTC' },
  ]) {
    expect(() => nextSlot(rhythm, start('2026-01-01T00:00Z'), start('2026-01-01T00:00Z'))).toThrow(
      RhythmError,
    );
  }
});
