import { expect, test } from 'vitest';
import { answerRings, countRings, openQueue, ring, ringAll } from '#lib/queue.ts';

/** What the doorbell promises, on whichever backend the environment of this file chooses. */
export function testDoorbell(backend: string): void {
  test(`on ${backend} a ring is answered once, and the queue holds nothing afterwards`, async () => {
    const heard: string[] = [];
    const doorbell = answerRings(4, async (rotationId) => {
      heard.push(rotationId);
    });
    await ring({ rotationId: 'one', fence: '0' });
    await ring({ rotationId: 'two', fence: '0' });
    await expect.poll(() => heard.toSorted(), { timeout: 20_000 }).toEqual(['one', 'two']);
    const queue = openQueue();
    await expect.poll(async () => (await queue.getJobs()).length, { timeout: 20_000 }).toBe(0);
    await ring({ rotationId: 'one', fence: '0' });
    await expect.poll(() => heard.length, { timeout: 20_000 }).toBe(3);
    await doorbell.close();
    await queue.close();
  });

  test(`on ${backend} rings for the same rotation while one waits are one`, async () => {
    for (let n = 0; n < 5; n += 1) {
      await ring({ rotationId: 'waiting', fence: '0' });
    }
    const queue = openQueue();
    const entries = await queue.getJobs();
    expect(entries.map((entry) => entry.data)).toEqual([{ rotationId: 'waiting' }]);
    await queue.drain();
    await queue.close();
  });

  test(`on ${backend} many are rung for at once, each is answered once, and those that wait already are not rung twice`, async () => {
    const rings = Array.from({ length: 100 }, (_, n) => ({ rotationId: `many-${n}`, fence: '0' }));
    await ringAll(rings.slice(0, 60));
    await ringAll(rings);
    expect(await countRings()).toBe(100);
    const heard: string[] = [];
    const doorbell = answerRings(8, async (rotationId) => {
      heard.push(rotationId);
    });
    await expect.poll(() => heard.length, { timeout: 20_000 }).toBe(100);
    const queue = openQueue();
    await expect.poll(async () => (await queue.getJobs()).length, { timeout: 20_000 }).toBe(0);
    expect(heard.toSorted()).toEqual(rings.map(({ rotationId }) => rotationId).toSorted());
    await doorbell.close();
    await queue.close();
  });

  test(`on ${backend} an answer that fails leaves nothing behind: the sweep rings again, not the queue`, async () => {
    let tries = 0;
    const doorbell = answerRings(1, async () => {
      tries += 1;
      throw new Error('sample failure');
    });
    await ring({ rotationId: 'failing', fence: '0' });
    await expect.poll(() => tries, { timeout: 20_000 }).toBe(1);
    const queue = openQueue();
    await expect.poll(async () => (await queue.getJobs()).length, { timeout: 20_000 }).toBe(0);
    expect(tries).toBe(1);
    await doorbell.close();
    await queue.close();
  });

  test(`on ${backend} the entry that a dead worker left behind does not stand in the way of the next ring`, async () => {
    let release = () => {};
    const dead = answerRings(
      1,
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    );
    await ring({ rotationId: 'orphaned', fence: '0' });
    const queue = openQueue();
    await expect.poll(async () => (await queue.getJobs(['active'])).length, { timeout: 20_000 }).toBe(1);

    const heard: string[] = [];
    const alive = answerRings(1, async (rotationId) => {
      heard.push(rotationId);
    });
    await ring({ rotationId: 'orphaned', fence: '1' });
    await expect.poll(() => heard, { timeout: 20_000 }).toEqual(['orphaned']);
    release();
    await Promise.all([dead.close(), alive.close()]);
    await queue.close();
  });
}
