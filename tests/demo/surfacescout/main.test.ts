import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aProcess, forkSample } from '#tests/demo/process.ts';
import { adminToken, aFolder, callsOf, webUser } from '#tests/demo/world.ts';

test('a killed process comes back with the same secrets', async () => {
  const statePath = join(await aFolder(), 'state.json');
  const before = await aSurfaceScout(statePath);
  const { clientSecret: first } = await callsOf(before.url, 'fleet-api').first();
  const { secret } = await callsOf(before.url, 'fleet-api').issued();
  const gone = once(before.child, 'exit');
  before.child.kill('SIGKILL');
  await gone;
  const { url } = await aSurfaceScout(statePath);
  expect(await callsOf(url, 'fleet-api').signsIn(first)).toBe(true);
  expect(await callsOf(url, 'fleet-api').signsIn(secret)).toBe(true);
}, 30_000);

test('the process leaves by itself when its parent is gone, and on SIGTERM', async () => {
  const orphan = await aSurfaceScout(join(await aFolder(), 'state.json'));
  const orphanGone = once(orphan.child, 'exit');
  orphan.child.disconnect();
  expect(await orphanGone).toEqual([0, null]);
  const told = await aSurfaceScout(join(await aFolder(), 'state.json'));
  const toldGone = once(told.child, 'exit');
  told.child.kill('SIGTERM');
  expect(await toldGone).toEqual([0, null]);
}, 30_000);

test('without its variables the process names them and does not start', async () => {
  const child = forkSample('demo/surfacescout/main.ts', { SURFACESCOUT_PORT: 'none' });
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(said).toContain('SURFACESCOUT_PORT, SURFACESCOUT_STATE, SURFACESCOUT_ADMIN_TOKEN');
}, 30_000);

async function aSurfaceScout(statePath: string) {
  return aProcess('demo/surfacescout/main.ts', {
    SURFACESCOUT_PORT: '0',
    SURFACESCOUT_STATE: statePath,
    SURFACESCOUT_ADMIN_TOKEN: adminToken,
    SURFACESCOUT_WEB_EMAIL: webUser.email,
    SURFACESCOUT_WEB_PASSWORD: webUser.password,
  });
}
