import fs from 'node:fs';
import { expect, test } from 'vitest';
import { markInUse, usersOf } from '#lib/told-sockets.ts';
import { scratchFolder } from '#tests/support/folder.ts';
import { startProcess } from '#tests/support/starter.ts';

const startUser = (folder: string, as: string) =>
  startProcess(`
    import { markInUse } from '#lib/told-sockets.ts';
    await markInUse(${JSON.stringify(folder)}, ${JSON.stringify(as)});
    console.log('ready');
    setInterval(() => {}, 1000);`);

test('everybody who uses a folder is named, and who was killed is not any more and leaves nothing', async () => {
  const folder = scratchFolder();
  expect(await usersOf(`${folder}/missing`)).toEqual([]);
  const one = await startUser(folder, 'http://localhost:3000');
  await markInUse(folder, 'http://localhost:3001');
  expect((await usersOf(folder)).sort()).toEqual(['http://localhost:3000', 'http://localhost:3001']);
  await one.kill();
  expect(await usersOf(folder)).toEqual(['http://localhost:3001']);
  expect(fs.readdirSync(folder)).toHaveLength(1);
});

test('a process ends although it said that it uses a folder', async () => {
  const folder = scratchFolder();
  const done = await startProcess(`
    import { markInUse } from '#lib/told-sockets.ts';
    await markInUse(${JSON.stringify(folder)}, 'here');
    console.log('ready');`);
  await new Promise((resolve) => done.process.once('exit', resolve));
  expect(await usersOf(folder)).toEqual([]);
});
