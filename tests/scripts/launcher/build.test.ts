import { expect, test } from 'vitest';
import { refuseWhileInUse } from '#scripts/launcher/build.ts';
import { scratchFolder } from '#tests/support/folder.ts';
import { startProcess } from '#tests/support/starter.ts';

test('a build is not replaced under a console that runs from it, and the refusal names the console', async () => {
  const folder = scratchFolder();
  await expect(refuseWhileInUse(folder)).resolves.toBeUndefined();
  const console_ = await startProcess(`
    import { markInUse } from '#lib/told-sockets.ts';
    await markInUse(${JSON.stringify(folder)}, 'http://localhost:3000 (process 7)');
    console.log('ready');
    setInterval(() => {}, 1000);`);
  await expect(refuseWhileInUse(folder)).rejects.toThrow(
    'The sources have changed since the console was built, and http://localhost:3000 (process 7) runs from that build: its pages would break. Nothing was built. Stop it first, then build or start again.',
  );
  await console_.kill();
  await expect(refuseWhileInUse(folder)).resolves.toBeUndefined();
});
