import { expect, test } from 'vitest';
import { eachAtOnce } from '#lib/at-once.ts';

test('so many are done at once and no more, and the results stand in the order of the items', async () => {
  const open: (() => void)[] = [];
  let most = 0;
  const all = eachAtOnce([0, 1, 2, 3, 4], 2, async (n) => {
    await new Promise<void>((resolve) => {
      open.push(resolve);
      most = Math.max(most, open.length);
    });
    return n * 10;
  });
  for (let ended = 0; ended < 5; ended += 1) {
    await expect.poll(() => open.length).toBe(Math.min(2, 5 - ended));
    open.pop()?.();
  }
  expect(await all).toEqual([0, 10, 20, 30, 40]);
  expect(most).toBe(2);
  expect(await eachAtOnce([], 2, async () => 1)).toEqual([]);
});

test('an error ends it: what is under way ends first, and nothing more is begun', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const work = async (n: number) => {
    begun.push(n);
    if (n === 0) throw new Error('not this one');
    await new Promise((resolve) => setTimeout(resolve, 5));
    ended.push(n);
  };
  await expect(eachAtOnce([0, 1, 2, 3], 2, work)).rejects.toThrow('not this one');
  expect(begun).toEqual([0, 1]);
  expect(ended).toEqual([1]);
});
