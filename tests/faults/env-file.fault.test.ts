import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { db } from '#lib/db.ts';
import { actor, Fleet, kill } from '#tests/faults/support/fleet.ts';
import { moveTime } from '#tests/support/database.ts';

/* A worker is killed while it writes env files: once a temporary file has appeared, and once it holds the new text. */

const COUNT = 6;
const KILLS = 6;

let fleet: Fleet;
beforeAll(async () => {
  fleet = await Fleet.open(COUNT);
});
afterAll(() => fleet?.close());

const folder = () => path.dirname(fleet.members[0]?.file ?? '');

const open = () => db().prisma.rotation.count({ where: { outcome: null } });

/** A write can be over before it is seen: so there is always a rotation that writes, until one was. */
async function keepRotating(isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    if ((await open()) === 0) {
      await rotateAll();
    }
    await sleep(100);
  }
}

/** Kills the worker at the first temporary file that is `filled` or not; answers once it is dead. */
async function killAtWrite(filled: boolean): Promise<void> {
  const [worker] = await fleet.startWorkers(1);
  let isDead = false;
  const rotating = keepRotating(() => isDead);
  await new Promise<void>((resolve) => {
    const watcher = fs.watch(folder(), (_, name) => {
      const size = name?.endsWith('.rekey')
        ? fs.statSync(path.join(folder(), name), { throwIfNoEntry: false })?.size
        : undefined;
      if (worker !== undefined && size !== undefined && size > 0 === filled) {
        kill(worker);
        isDead = true;
        watcher.close();
        resolve();
      }
    });
  });
  await rotating;
  await worker?.ended;
}

/** The file is what it was or what it shall be, in whole, however its writer ended. */
function tornFiles(): string[] {
  return fleet.members
    .map(({ file }) => fs.readFileSync(file, 'utf8'))
    .filter((text) => !/^BEFORE=stays\nSECRET=\S+\nAFTER=stays\n$/.test(text));
}

async function rotateAll(): Promise<void> {
  for (const { credentialId } of fleet.members) {
    await requestRotation(actor, { credentialId, graceSeconds: 0 });
  }
}

test('a worker that is killed while it writes an env file leaves the old text or the new one, and the next worker goes on', async () => {
  let leftBehind = 0;
  for (let n = 0; n < KILLS; n += 1) {
    await killAtWrite(n % 2 === 1);
    expect(tornFiles()).toEqual([]);
    leftBehind += fleet.temporaries().length;
    fleet.ageTemporaries();
    await moveTime(process.env.DATABASE_URL ?? '', '31 seconds');
  }
  expect(leftBehind).toBeGreaterThan(0);
  await fleet.startWorkers(1);
  await expect.poll(open, { timeout: 60_000, interval: 250 }).toBe(0);
  expect(await fleet.brokenPromises()).toEqual([]);
  expect(fleet.temporaries()).toEqual([]);
}, 180_000);
