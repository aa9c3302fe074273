import fc from 'fast-check';
import { expect, test } from 'vitest';
import { upcomingSlots } from '#core/policies/upcoming-slots.ts';
import { nextSlot, type Rhythm } from '#core/schedule/next-slot.ts';
import { dueOf, rulesInput } from '#core/schedule/rules.ts';

const at = (text: string) => new Date(`${text}Z`);
const rules = (wish: Parameters<typeof rulesInput.parse>[0] = {}) => rulesInput.parse(wish);
const scheduled = (rhythm: Rhythm, slot: string, dueAt = slot, given = rules()) => ({
  credentialId: 'a',
  slot: at(slot),
  dueAt: at(dueAt),
  next: null,
  rhythm,
  rules: given,
});

test('the stored slot comes first, and those that follow are marked as expected only', () => {
  const daily = scheduled({ cron: '0 3 * * *', timeZone: 'UTC' }, '2026-12-01T03:00');
  const found = upcomingSlots(daily, at('2026-12-01T00:00'), at('2026-12-03T12:00'), 100);
  expect(found.map(({ at: start, isSet }) => [start.toISOString().slice(0, 13), isSet])).toEqual([
    ['2026-12-01T03', true],
    ['2026-12-02T03', false],
    ['2026-12-03T03', false],
  ]);
});

test('a rhythm of a minute fills a month far ahead with no more than asked for, from its beginning', () => {
  const often = scheduled({ intervalSeconds: 60 }, '2026-12-01T00:00');
  const found = upcomingSlots(often, at('2027-06-01T00:00'), at('2027-07-01T00:00'), 100);
  expect(found).toHaveLength(100);
  expect(found[0]?.at).toEqual(at('2027-06-01T00:00'));
});

test('slots that one opening of the window makes start together are one run', () => {
  const given = rules({ window: { days: [5], from: '22:00', to: '23:00', timeZone: 'UTC' } });
  const daily = scheduled({ intervalSeconds: 86_400 }, '2026-11-30T12:00', '2026-12-04T22:00', given);
  const found = upcomingSlots(daily, at('2026-12-01T00:00'), at('2026-12-20T00:00'), 100);
  expect(found.map(({ at: start }) => start.toISOString().slice(0, 10))).toEqual([
    '2026-12-04',
    '2026-12-11',
    '2026-12-18',
  ]);
});

test('what starts in a range is the same whether it is looked at from near or from far', () => {
  const wish = fc.record({
    intervalSeconds: fc.integer({ min: 3600, max: 5 * 86_400 }),
    jitterSeconds: fc.integer({ min: 0, max: 3000 }),
    hasWindow: fc.boolean(),
    day: fc.integer({ min: 1, max: 60 }),
  });
  fc.assert(
    fc.property(wish, ({ intervalSeconds, jitterSeconds, hasWindow, day }) => {
      const given = rules({
        jitterSeconds,
        window: hasWindow ? { days: [1, 3, 6], from: '22:00', to: '02:00', timeZone: 'Europe/Berlin' } : null,
        blackouts: [{ from: '2026-12-20T00:00:00Z', to: '2027-01-03T00:00:00Z', reason: 'freeze' }],
      });
      const slot = at('2026-12-01T00:00');
      const dueAt = dueOf(slot, given, 'a') ?? slot;
      const one = { credentialId: 'a', slot, dueAt, next: null, rhythm: { intervalSeconds }, rules: given };
      const from = new Date(slot.getTime() + day * 86_400_000);
      const to = new Date(from.getTime() + 7 * 86_400_000);
      const starts: number[] = [];
      let before = 0;
      for (let next: Date | null = slot; next !== null && next < to; ) {
        const start = dueOf(next, given, 'a')?.getTime() ?? 0;
        // What is due no later than the slot before it has passed once that one starts.
        if (start > before) {
          before = start;
          if (start >= from.getTime() && start < to.getTime()) starts.push(start);
        }
        next = nextSlot({ intervalSeconds }, next, slot);
      }
      const found = upcomingSlots(one, from, to, 1000).map((run) => run.at.getTime());
      expect(found).toEqual(starts);
    }),
    { numRuns: 60 },
  );
});
