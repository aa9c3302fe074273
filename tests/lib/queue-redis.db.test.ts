import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe } from 'vitest';
import { freePort } from '#scripts/launcher/settings.ts';
import { testDoorbell } from '#tests/support/queue-promises.ts';

const present = spawnSync('redis-server', ['--version']).status === 0;
if (!present) {
  console.log('skipped: the doorbell on Redis, because this machine has no redis-server');
}

describe.runIf(present)('with a real redis-server', () => {
  let server: ChildProcess;

  beforeAll(async () => {
    const port = await freePort(16_379);
    const settings = [
      '--save',
      '',
      '--appendonly',
      'no',
      '--maxmemory-policy',
      'noeviction',
      '--bind',
      '127.0.0.1',
    ];
    server = spawn('redis-server', ['--port', String(port), ...settings], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    for await (const line of server.stdout ?? []) {
      if (String(line).includes('Ready to accept connections')) {
        break;
      }
    }
    process.env.REDIS_URL = `redis://127.0.0.1:${port}`;
  });

  afterAll(async () => {
    server.kill();
    await once(server, 'exit');
  });

  testDoorbell('Redis');
});
