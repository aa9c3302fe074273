import { expect, test } from 'vitest';
import { blackoutsOf, linesOf } from '#app/_components/blackout-lines.ts';

test('days are whole days in UTC, the last one with them', () => {
  expect(blackoutsOf('2026-12-20 2027-01-03 Year end\n\n')).toEqual([
    { from: '2026-12-20T00:00:00Z', to: '2027-01-04T00:00:00.000Z', reason: 'Year end' },
  ]);
});

test('a blackout that begins or ends within a day is not made longer by editing the policy', () => {
  const blackouts = [
    { from: '2026-12-20T18:00:00+01:00', to: '2026-12-21T06:00:00+01:00', reason: 'Night of the move' },
    { from: '2026-12-24T00:00:00Z', to: '2026-12-27T00:00:00Z', reason: 'Holidays' },
  ];
  const instants = (all: { from: string; to: string }[]) =>
    all.map(({ from, to }) => [Date.parse(from), Date.parse(to)]);
  expect(instants(blackoutsOf(linesOf(blackouts)))).toEqual(instants(blackouts));
  expect(linesOf(blackouts).split('\n')[1]).toBe('2026-12-24 2026-12-26 Holidays');
});
