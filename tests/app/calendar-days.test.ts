import { expect, test } from 'vitest';
import { dateIn, daysOf, monthAfter, rangeOf } from '#app/(console)/calendar/days.ts';
import type { Upcoming, UpcomingRun } from '#core/policies/list-upcoming.ts';

const run = (credential: string, at: string): UpcomingRun => ({
  credentialId: credential,
  credential,
  environment: 'production',
  issuer: 'issuer',
  policyId: 'p',
  policy: 'policy',
  slot: at,
  at,
  isSet: true,
  movedBy: null,
  graceSeconds: 60,
  pausedBy: null,
});

const upcoming = (more: Partial<Upcoming>): Upcoming => ({
  now: '2026-10-01T00:00:00.000Z',
  from: '',
  to: '',
  runs: [],
  overlaps: [],
  blackouts: [],
  collisions: [],
  isCut: false,
  ...more,
});

test('a month begins and ends at midnight by the clocks of the zone, also where they change within it', () => {
  expect(rangeOf('2026-10', 'Europe/Berlin')).toEqual({
    from: '2026-09-30T22:00:00.000Z',
    to: '2026-10-31T23:00:00.000Z',
  });
  expect(monthAfter('2026-12', 1)).toBe('2027-01');
  expect(monthAfter('2026-01', -1)).toBe('2025-12');
});

test('every run of a month stands on exactly one day, also in the night in which the clocks change', () => {
  const runs = Array.from({ length: 50 }, (_, hour) =>
    run('a', new Date(Date.parse('2026-10-24T12:00:00Z') + hour * 3_600_000).toISOString()),
  );
  const days = daysOf(upcoming({ runs }), '2026-10', 'Europe/Berlin');
  expect(days).toHaveLength(31);
  const placed = days.flatMap((day) => day.runs.map((one) => [day.date, one.at] as const));
  expect(placed).toEqual(runs.map(({ at }) => [dateIn('Europe/Berlin', at), at]));
  expect(days.find(({ date }) => date === '2026-10-25')?.runs).toHaveLength(25);
});

test('a blackout lies on every day it touches, and a collision marks its runs only', () => {
  const runs = [run('a', '2026-10-05T03:00:00.000Z'), run('b', '2026-10-05T03:20:00.000Z')];
  const other = run('a', '2026-10-06T03:00:00.000Z');
  const [from, to] = ['2026-10-10T12:00:00.000Z', '2026-10-12T00:00:00.000Z'];
  const blackout = { policyId: 'p', policy: 'policy', from, to, reason: 'freeze', credentials: 1 };
  const collision = { application: 'app:shop', from: runs[0]?.at ?? '', to: runs[1]?.at ?? '', runs };
  const days = daysOf(
    upcoming({ runs: [...runs, other], blackouts: [blackout], collisions: [collision] }),
    '2026-10',
    'UTC',
  );
  expect(days.filter(({ blackouts }) => blackouts.length > 0).map(({ day }) => day)).toEqual([10, 11]);
  const marked = days.flatMap((day) => day.runs.map(({ at, collides }) => [at, collides]));
  expect(marked).toEqual([
    [runs[0]?.at, true],
    [runs[1]?.at, true],
    [other.at, false],
  ]);
});
