import { expect, test } from 'vitest';
import { answerRings, openQueue, ring } from '#lib/queue.ts';

/** What the doorbell promises, on whichever backend the environment of this file chooses. */
export function testDoorbell(backend: string): void {
  test(`on ${backend} a ring is answered once, and the queue holds nothing afterwards`, async () => {
    const heard: string[] = [];
    const doorbell = answerRings(4, async (rotationId) => {
      heard.push(rotationId);
    });
    await ring('one');
    await ring('two');
    await expect.poll(() => heard.toSorted(), { timeout: 20_000 }).toEqual(['one', 'two']);
    const queue = openQueue();
    await expect.poll(async () => (await queue.getJobs()).length, { timeout: 20_000 }).toBe(0);
    await ring('one');
    await expect.poll(() => heard.length, { timeout: 20_000 }).toBe(3);
    await doorbell.close();
    await queue.close();
  });

  test(`on ${backend} rings for the same rotation while one waits are one`, async () => {
    for (let n = 0; n < 5; n += 1) {
      await ring('waiting');
    }
    const queue = openQueue();
    const entries = await queue.getJobs();
    expect(entries.map((entry) => entry.data)).toEqual([{ rotationId: 'waiting' }]);
    await queue.obliterate({ force: true });
    await queue.close();
  });

  test(`on ${backend} an answer that fails leaves nothing behind: the sweep rings again, not the queue`, async () => {
    let tries = 0;
    const doorbell = answerRings(1, async () => {
      tries += 1;
      throw new Error('sample failure');
    });
    await ring('failing');
    await expect.poll(() => tries, { timeout: 20_000 }).toBe(1);
    const queue = openQueue();
    await expect.poll(async () => (await queue.getJobs()).length, { timeout: 20_000 }).toBe(0);
    expect(tries).toBe(1);
    await doorbell.close();
    await queue.close();
  });
}
