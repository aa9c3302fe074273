import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aProcess } from '#tests/demo/process.ts';
import { aFolder, aScout } from '#tests/demo/world.ts';

test('the consumer process leaves when its parent is gone, even in the middle of a request', async () => {
  const scout = await aScout();
  const { clientSecret } = await scout.first();
  await scout.arm({ on: 'token', kind: 'delay', delayMs: 60_000, times: 1000 });
  const file = join(await aFolder(), 'consumer.env');
  await writeFile(file, `SCOUT_CLIENT_ID=sample\nSCOUT_CLIENT_SECRET=${clientSecret}\n`);
  const { child, url } = await aProcess('demo/consumer/main.ts', {
    CONSUMER_FILE: file,
    CONSUMER_NAME: 'importer',
    CONSUMER_TOKEN_URL: `${scout.url}/oauth/token`,
    CONSUMER_API_URL: `${scout.url}/api/scans`,
    CONSUMER_PORT: '0',
  });
  expect(await (await fetch(url)).json()).toMatchObject({ name: 'importer', intervalMs: 250 });
  const gone = once(child, 'exit');
  child.disconnect();
  expect(await gone).toEqual([0, null]);
}, 30_000);
