import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { FolderLocked, lockFolder } from '#scripts/launcher/lock.ts';
import { scratchFolder } from '#tests/support/folder.ts';
import { startProcess } from '#tests/support/starter.ts';

/** A process that locks the folder, tells its address and then lives on. */
function startHolder(folder: string, address = '') {
  return startProcess(`
    import { lockFolder } from '#scripts/launcher/lock.ts';
    const { tell } = await lockFolder(${JSON.stringify(folder)});
    tell(${JSON.stringify(address)});
    console.log('ready');
    setInterval(() => {}, 1000);`);
}

test('a second Rekey in the same folder is refused, with the address of the first', async () => {
  const folder = scratchFolder();
  await startHolder(folder, 'http://localhost:3000');
  await expect(lockFolder(folder)).rejects.toThrow(
    'Rekey is already running in this folder: http://localhost:3000. Stop that one first, or set REKEY_DATA_DIR to another folder.',
  );
  await expect(lockFolder(folder)).rejects.toThrow('already running');
});

test('while the first has no address yet, the refusal says that it is starting', async () => {
  const folder = scratchFolder();
  await startHolder(folder);
  await expect(lockFolder(folder)).rejects.toThrow('already running in this folder, still starting.');
});

test('a folder and another folder are locked independently, and a missing one is made', async () => {
  const folder = scratchFolder();
  await lockFolder(path.join(folder, 'a'));
  await lockFolder(path.join(folder, 'deep/b'));
  await expect(lockFolder(path.join(folder, 'a'))).rejects.toThrow('already running');
});

test('the lock of a process that was killed is taken over, and then holds', async () => {
  const folder = scratchFolder();
  const holder = await startHolder(folder, 'http://localhost:3000');
  await holder.kill();
  expect(fs.existsSync(path.join(folder, 'lock'))).toBe(true);
  const { tell } = await lockFolder(folder);
  tell('http://localhost:3001');
  await expect(lockFolder(folder)).rejects.toThrow('http://localhost:3001');
});

test('of several that find the lock of a dead process at once, one gets it', async () => {
  const folder = scratchFolder();
  const holder = await startHolder(folder);
  await holder.kill();
  const tries = await Promise.allSettled(Array.from({ length: 5 }, () => lockFolder(folder)));
  expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
  await expect(lockFolder(folder)).rejects.toThrow('already running');
});

test('a process that is suspended still holds its lock, and is unharmed by those who asked meanwhile', async () => {
  const folder = scratchFolder();
  const holder = await startHolder(folder, 'http://localhost:3000');
  holder.process.kill('SIGSTOP');
  await expect(lockFolder(folder)).rejects.toThrow('already running');
  holder.process.kill('SIGCONT');
  await expect(lockFolder(folder)).rejects.toThrow('http://localhost:3000');
});

test('a folder whose path is too long for a socket is refused with what to do', async () => {
  const folder = path.join(scratchFolder(), 'long'.repeat(40));
  await expect(lockFolder(folder)).rejects.toThrow(/too long.*REKEY_DATA_DIR/);
});

test('a lock that is let go is had by who waits, one after the other, and nobody who asks then fails otherwise', async () => {
  const folder = scratchFolder();
  let holders = 0;
  async function takeTurns(): Promise<void> {
    for (let turns = 0; turns < 5; ) {
      const lock = await lockFolder(folder).catch((error: unknown) => {
        expect(error).toBeInstanceOf(FolderLocked);
        return null;
      });
      if (lock !== null) {
        holders += 1;
        expect(holders).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        holders -= 1;
        lock.release();
        turns += 1;
      }
    }
  }
  await Promise.all([takeTurns(), takeTurns(), takeTurns()]);
});
