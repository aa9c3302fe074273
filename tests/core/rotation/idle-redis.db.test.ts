import { once } from 'node:events';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ringDueRotations, startAllDue } from '#core/rotation/ring-due-rotations.ts';
import { db } from '#lib/db.ts';
import { openQueue, ring } from '#lib/queue.ts';
import { hasRedis, OwnRedis } from '#tests/support/redis.ts';

describe.runIf(hasRedis('what Redis holds for idle credentials'))('with a real redis-server', () => {
  let redis: OwnRedis;
  beforeAll(async () => {
    redis = await OwnRedis.start();
    process.env.REDIS_URL = redis.url;
  });
  afterAll(() => redis.stop('SIGTERM'));

  async function countKeys(): Promise<number> {
    const socket = net.connect(Number(new URL(redis.url).port), '127.0.0.1');
    socket.write('DBSIZE\r\n');
    const [answer] = await once(socket, 'data');
    socket.destroy();
    return Number(String(answer).slice(1));
  }

  test('a thousand credentials whose slots lie ahead put not one key into Redis', async () => {
    const queue = openQueue();
    await ring({ rotationId: 'earlier', fence: '0' });
    await queue.drain();
    // What the queue keeps about itself.
    const before = await countKeys();
    await db().pool.query(`
      with issuer as (insert into issuers (id, name, kind, config)
                      values (gen_random_uuid(), 'One', 'surfacescout', '{}') returning id),
           policy as (insert into policies (id, name, interval_seconds, time_zone, grace_seconds)
                      values (gen_random_uuid(), 'daily', 86400, 'UTC', 60) returning id),
           many as (insert into credentials (id, name, issuer_id, place, environment)
                    select gen_random_uuid(), 'idle-' || n, issuer.id, '{}', 'test'
                      from issuer, generate_series(1, 1000) n returning id)
      insert into policy_assignments (credential_id, policy_id, slot, due_at, next_slot, next_due_at)
      select many.id, policy.id, at, at, at + interval '1 day', at + interval '1 day'
        from many, policy, (select rekey_now() + interval '1 hour' as at) due`);
    expect(await startAllDue(() => false)).toBe(0);
    expect(await ringDueRotations()).toEqual([]);
    expect(await countKeys()).toBe(before);
    // The count sees what is rung for.
    await ring({ rotationId: 'one', fence: '0' });
    expect(await countKeys()).toBeGreaterThan(before);
    await queue.close();
  });
});
