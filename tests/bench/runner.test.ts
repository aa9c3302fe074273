import { expect, test } from 'vitest';
import { atMost, keepBusy } from '#bench/load.ts';
import { type Finding, find, holds, interleave, isWorse, median, table } from '#bench/runner.ts';

const finding = (ratio: number, bound: Finding['bound']): Finding => ({
  what: 'rotations',
  floor: '100 /s',
  subject: '50 /s',
  ratio,
  range: [ratio, ratio],
  ...(bound === undefined ? {} : { bound }),
});

test('the median of an even number of values lies between the two in the middle', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([9, 1, 5, 7])).toBe(6);
  expect(median([])).toBeNaN();
});

test('floor and subject take turns, and which goes first changes from pair to pair', async () => {
  const order: string[] = [];
  let count = 0;
  const run = (name: string) => async () => {
    order.push(name);
    count += 1;
    return count;
  };
  const pairs = await interleave(2, run('floor'), run('subject'));
  expect(order).toEqual(['floor', 'subject', 'floor', 'subject', 'subject', 'floor']);
  expect(pairs).toEqual([
    { floor: 3, subject: 4 },
    { floor: 6, subject: 5 },
  ]);
});

test('the ratio is the median over the pairs, not the ratio of two medians', () => {
  const pairs = [
    { floor: 1, subject: 1 },
    { floor: 10, subject: 2 },
    { floor: 2, subject: 10 },
  ];
  expect(find('x', pairs, (value) => value, { unit: 'ms' })).toMatchObject({ ratio: 1, range: [0.2, 5] });
});

test.each([
  [0.6, { atLeast: 0.6 }, true],
  [0.59, { atLeast: 0.6 }, false],
  [1.6, { atMost: 1.6 }, true],
  [1.61, { atMost: 1.6 }, false],
  [Number.NaN, { atLeast: 0.6 }, false],
  [Number.NaN, { atMost: 1.6 }, false],
  [99, undefined, true],
])('a ratio of %s against %j holds: %s', (ratio, bound, expected) => {
  expect(holds(finding(ratio, bound))).toBe(expected);
});

test.each([
  ['within its bound', 0.6, { rotations: 0.7 }, false],
  ['out of its bound, and no worse than it was', 0.5, { rotations: 0.5 }, false],
  ['out of its bound, and worse than it was', 0.49, { rotations: 0.5 }, true],
  ['out of a bound that it had met', 0.59, {}, true],
])('what is %s is worse than recorded or not', (_, ratio, before, expected) => {
  expect(isWorse(finding(ratio, { atLeast: 0.6 }), before)).toBe(expected);
});

test('where less is better, more than recorded is worse', () => {
  expect(isWorse(finding(5.8, { atMost: 3 }), { rotations: 6.7 })).toBe(false);
  expect(isWorse(finding(6.8, { atMost: 3 }), { rotations: 6.7 })).toBe(true);
});

test('the table says FAIL beside what is out of its bound, and names what was skipped', () => {
  const printed = table([
    finding(0.5, { atLeast: 0.6 }),
    finding(0.7, { atLeast: 0.6 }),
    { what: 'queue on Redis', skipped: 'no redis-server' },
  ]).split('\n');
  expect(printed[1]).toContain('FAIL, worse than recorded, wanted ≥ 0.6x');
  expect(printed[2]).toContain('ok, wanted ≥ 0.6x');
  expect(printed[3]).toContain('skipped: no redis-server');
});

test('what was begun is finished and counted', async () => {
  let begun = 0;
  let ended = 0;
  const done = await keepBusy({ seconds: 0.05, concurrency: 3 }, async () => {
    begun += 1;
    await new Promise((resolve) => setTimeout(resolve, 5));
    ended += 1;
  });
  expect([done.count, ended]).toEqual([begun, begun]);
});

test('no more tasks run at once than allowed, and a failed one makes room for the next', async () => {
  const limited = atMost(2);
  let running = 0;
  let most = 0;
  const results = await Promise.allSettled(
    [1, 2, 3, 4, 5].map((n) =>
      limited(async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 1));
        running -= 1;
        if (n === 2) {
          throw new Error('Two fails.');
        }
      }),
    ),
  );
  expect(most).toBe(2);
  expect(results.map(({ status }) => status === 'fulfilled')).toEqual([true, false, true, true, true]);
});
