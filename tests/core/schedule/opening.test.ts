import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closedAt, closesAt, openingFrom, type Rules, type Window } from '#core/schedule/opening.ts';

const at = (text: string) => new Date(text);
const minutes = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
const window = (days: number[], from: string, to: string): Window => ({
  days,
  from: minutes(from),
  to: minutes(to),
});
const rules = (
  one: Window | null,
  blackouts: [string, string][] = [],
  timeZone = 'Europe/Berlin',
): Rules => ({
  timeZone,
  window: one,
  blackouts: blackouts.map(([from, to]) => ({ from: at(from), to: at(to), reason: 'freeze' })),
});
const opens = (from: string, one: Rules) => openingFrom(at(from), one)?.toISOString().slice(0, 16) ?? null;

const weekdays = window([1, 2, 3, 4, 5], '09:00', '17:00');
const nights = window([1, 2, 3, 4, 5], '22:00', '04:00');

test('a moment in the window is taken as it is, one outside waits for the window to open', () => {
  expect(opens('2026-11-25T09:30Z', rules(weekdays))).toBe('2026-11-25T09:30');
  expect(opens('2026-11-25T05:00Z', rules(weekdays))).toBe('2026-11-25T08:00');
  expect(opens('2026-11-25T16:00Z', rules(weekdays))).toBe('2026-11-26T08:00');
  expect(opens('2026-11-27T17:00Z', rules(weekdays))).toBe('2026-11-30T08:00');
});

test('a window over midnight belongs to the day it opens on', () => {
  expect(opens('2026-11-28T01:00Z', rules(nights))).toBe('2026-11-28T01:00');
  expect(opens('2026-11-28T03:00Z', rules(nights))).toBe('2026-11-30T21:00');
  expect(opens('2026-11-30T01:00Z', rules(nights))).toBe('2026-11-30T21:00');
});

test('a window follows the wall clock when the clocks change', () => {
  const daily = window([0, 1, 2, 3, 4, 5, 6], '02:30', '03:30');
  expect(opens('2026-03-28T12:00Z', rules(daily))).toBe('2026-03-29T01:00');
  expect(opens('2026-10-24T12:00Z', rules(daily))).toBe('2026-10-25T00:30');
  expect(opens('2026-10-25T12:00Z', rules(daily))).toBe('2026-10-26T01:30');
});

test('a blackout pushes a slot behind itself, into the next window; several in a row too', () => {
  expect(opens('2026-12-24T10:00Z', rules(null, [['2026-12-24T00:00Z', '2027-01-02T00:00Z']]))).toBe(
    '2027-01-02T00:00',
  );
  const inRow: [string, string][] = [
    ['2026-12-21T00:00Z', '2026-12-28T00:00Z'],
    ['2026-12-28T00:00Z', '2027-01-04T00:00Z'],
  ];
  expect(opens('2026-12-22T10:00Z', rules(weekdays, inRow))).toBe('2027-01-04T08:00');
});

test('rules that never open have no opening', () => {
  expect(opens('2026-11-25T09:30Z', rules(window([], '09:00', '17:00')))).toBeNull();
  expect(opens('2026-11-25T09:30Z', rules(null, [['2026-01-01T00:00Z', '2030-01-01T00:00Z']]))).toBeNull();
});

test('why nothing may start is said: a blackout before a closed window', () => {
  const both = rules(weekdays, [['2026-11-25T00:00Z', '2026-11-26T00:00Z']]);
  expect(closedAt(at('2026-11-25T09:30Z'), both)).toBe('blackout');
  expect(closedAt(at('2026-11-26T05:00Z'), both)).toBe('window_closed');
  expect(closedAt(at('2026-11-26T09:00Z'), both)).toBeNull();
});

test('what runs in a window has until it closes, or until the next blackout; without either it has for ever', () => {
  const ends = (from: string, one: Rules) => closesAt(at(from), one)?.toISOString().slice(0, 16) ?? null;
  expect(ends('2026-11-25T09:30Z', rules(weekdays))).toBe('2026-11-25T16:00');
  expect(ends('2026-11-28T01:00Z', rules(nights))).toBe('2026-11-28T03:00');
  const freeze: [string, string][] = [['2026-11-25T12:00Z', '2026-11-26T00:00Z']];
  expect(ends('2026-11-25T09:30Z', rules(weekdays, freeze))).toBe('2026-11-25T12:00');
  expect(ends('2026-11-25T13:00Z', rules(null, freeze))).toBeNull();
  // Where it is not open, no time is left.
  expect(ends('2026-11-25T05:00Z', rules(weekdays))).toBe('2026-11-25T05:00');
});

test('an opening is never before the moment asked for, is open, and is the first one', () => {
  const time = fc.integer({ min: 0, max: 1439 });
  const anyRules = fc.record({
    timeZone: fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC'),
    window: fc.record({
      days: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 }),
      from: time,
      to: time,
    }),
    blackouts: fc.array(
      fc
        .tuple(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 1, max: 5_000 }))
        .map(([start, length]) => ({
          from: new Date(at('2026-10-20T00:00Z').getTime() + start * 60_000),
          to: new Date(at('2026-10-20T00:00Z').getTime() + (start + length) * 60_000),
          reason: 'freeze',
        })),
      { maxLength: 3 },
    ),
  });
  const moment = fc
    .integer({ min: 0, max: 20_000 })
    .map((n) => new Date(at('2026-10-20T00:00Z').getTime() + n * 60_000));
  fc.assert(
    fc.property(anyRules, moment, (one, from) => {
      const opening = openingFrom(from, one);
      expect(opening).not.toBeNull();
      if (opening === null) return;
      expect(opening.getTime()).toBeGreaterThanOrEqual(from.getTime());
      expect(closedAt(opening, one)).toBeNull();
      for (let step = from.getTime(); step < opening.getTime(); step += 7 * 60_000) {
        expect(closedAt(new Date(step), one)).not.toBeNull();
      }
    }),
    { numRuns: 150 },
  );
});
