import net, { type AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { freePort, holdPort } from '#scripts/launcher/ports.ts';
import { startProcess } from '#tests/support/starter.ts';

/** Takes a port on loopback for this test; answers which. */
async function busyPort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

test('a free port is given as it was wanted, and a busy one is skipped', async () => {
  const free = await freePort(21_000 + (process.pid % 9000));
  expect(await freePort(free)).toBe(free);
  const busy = await busyPort();
  expect(await freePort(busy)).toBeGreaterThan(busy);
});

test('a port that is held is given to nobody else, in no process, until it is let go', async () => {
  const first = await holdPort(21_000 + (process.pid % 9000));
  const second = await holdPort(first.port);
  onTestFinished(second.release);
  expect(second.port).toBeGreaterThan(first.port);
  const other = await startProcess(`
    import { freePort } from '#scripts/launcher/ports.ts';
    console.log('found', await freePort(${first.port}));
    console.log('ready');`);
  const found = Number(/found (\d+)/.exec(other.said)?.[1]);
  expect(found).toBeGreaterThan(first.port);
  expect(found).not.toBe(second.port);
  await first.release();
  expect(await freePort(first.port)).toBe(first.port);
});

test('where no port is left the refusal names those that were tried', async () => {
  const last = await holdPort(65_535).catch(() => null);
  if (last !== null) {
    onTestFinished(last.release);
  }
  await expect(holdPort(65_535)).rejects.toThrow('No free port was found between 65535 and 65535.');
});
