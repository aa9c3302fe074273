import { afterAll, beforeAll, describe } from 'vitest';
import { testDoorbell } from '#tests/support/queue-promises.ts';
import { hasRedis, OwnRedis } from '#tests/support/redis.ts';

describe.runIf(hasRedis('the doorbell on Redis'))('with a real redis-server', () => {
  let redis: OwnRedis;

  beforeAll(async () => {
    redis = await OwnRedis.start();
    process.env.REDIS_URL = redis.url;
  });

  afterAll(() => redis.stop('SIGTERM'));

  testDoorbell('Redis');
});
