import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { db } from '#lib/db.ts';
import { actor, Fleet } from '#tests/faults/support/fleet.ts';
import { hasRedis, OwnRedis } from '#tests/support/redis.ts';

/* The queue on a real Redis that is emptied, killed and taken away, under real workers. */

const COUNT = 24;

describe.runIf(hasRedis('a Redis that is emptied, killed and taken away'))('with a real redis-server', () => {
  let redis: OwnRedis;
  let fleet: Fleet;

  beforeAll(async () => {
    redis = await OwnRedis.start();
    process.env.REDIS_URL = redis.url;
    fleet = await Fleet.open(COUNT);
    await fleet.startWorkers(2);
  });
  afterAll(async () => {
    await fleet?.close();
    await redis?.stop();
  });

  /** Clicks for all, and says how the rotations ended. */
  async function rotateAll(): Promise<void> {
    for (const { credentialId } of fleet.members) {
      await requestRotation(actor, { credentialId, graceSeconds: 0 });
    }
  }

  async function allEnd(rotations: number): Promise<void> {
    const outcomes = async () => {
      const rows = await db().prisma.rotation.groupBy({ by: ['outcome'], _count: true });
      return Object.fromEntries(rows.map(({ outcome, _count }) => [String(outcome), _count]));
    };
    await expect.poll(outcomes, { timeout: 90_000, interval: 250 }).toEqual({ completed: rotations });
    expect(await fleet.brokenPromises()).toEqual([]);
  }

  test('FLUSHALL over and over again during rotations loses nothing', async () => {
    const client = new Redis(redis.url);
    let over = false;
    let flushes = 0;
    const flushing = (async () => {
      while (!over) {
        await client.flushall();
        flushes += 1;
        await sleep(10);
      }
    })();
    await rotateAll();
    await allEnd(COUNT);
    over = true;
    await flushing;
    client.disconnect();
    expect(flushes).toBeGreaterThan(10);
  });

  test('a Redis that is killed during rotations and comes back empty loses nothing', async () => {
    const clicks = rotateAll();
    await sleep(100);
    await redis.stop();
    await redis.start();
    await clicks;
    await allEnd(2 * COUNT);
  });

  test('while there is no Redis at all, clicks are answered and rotations go to their end', async () => {
    await redis.stop();
    await rotateAll();
    await allEnd(3 * COUNT);
  });
});
