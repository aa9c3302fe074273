import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { db } from '#lib/db.ts';
import { freePort } from '#scripts/launcher/ports.ts';
import { type Postgres, startPostgres } from '#scripts/launcher/postgres.ts';
import { actor, Fleet } from '#tests/faults/support/fleet.ts';
import { copyTemplate, moveTime } from '#tests/support/database.ts';
import { makeTemplate } from '#tests/support/postgres.ts';

/* A Postgres of this file's own, as durable as in production, that is killed while workers and clicks use it. */

const COUNT = 24;
const DEATHS = 3;

const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-mortal-postgres-'));
let port: number;
let postgres: Postgres;
let fleet: Fleet;

const start = () => startPostgres({ directory, port, password: 'temporary', durable: true });

/** What `pg_ctl stop -m immediate` sends: every server process leaves at once, and nothing is written down. */
async function killPostgres(): Promise<void> {
  const pid = Number(fs.readFileSync(path.join(postgres.data, 'postmaster.pid'), 'utf8').split('\n')[0]);
  process.kill(pid, 'SIGQUIT');
  await postgres.ended;
}

beforeAll(async () => {
  fs.chmodSync(directory, 0o755);
  port = await freePort(24_000 + (process.pid % 4_000));
  postgres = await start();
  await makeTemplate(postgres);
  process.env.DATABASE_URL = await copyTemplate(postgres.url('postgres'), 'mortal');
  fleet = await Fleet.open(COUNT);
});

afterAll(async () => {
  await fleet?.close();
  await postgres?.stop();
  fs.rmSync(directory, { recursive: true, force: true });
});

test('Postgres dies at once three times during rotations: whatever was acknowledged is there afterwards and ends well, and nothing is issued for nothing', async () => {
  await fleet.startWorkers(2);
  const acknowledged: string[] = [];
  const refused: string[] = [];
  let deaths = 0;
  const click = async (credentialId: string) => {
    try {
      const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 0 });
      acknowledged.push(rotationId);
    } catch {
      refused.push(credentialId);
    }
  };
  const perDeath = COUNT / DEATHS;
  for (let death = 0; death < DEATHS; death += 1) {
    const turn = fleet.members.slice(death * perDeath, (death + 1) * perDeath);
    const clicks = turn.map(({ credentialId }, n) => sleep(n * 40).then(() => click(credentialId)));
    await sleep(150 + death * 60);
    await killPostgres();
    deaths += 1;
    await Promise.all(clicks);
    postgres = await start();
    await moveTime(process.env.DATABASE_URL ?? '', '31 seconds');
  }
  // A person who saw an error clicks again.
  for (const credentialId of refused) {
    const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 0 });
    acknowledged.push(rotationId);
  }
  const open = () => db().prisma.rotation.count({ where: { outcome: null } });
  await expect
    .poll(
      async () => {
        await moveTime(process.env.DATABASE_URL ?? '', '31 seconds');
        return open();
      },
      { timeout: 90_000, interval: 1_000 },
    )
    .toBe(0)
    .catch((error) => {
      console.log(fleet.logs());
      throw error;
    });
  expect(deaths).toBe(DEATHS);
  const rotations = await db().prisma.rotation.findMany({ select: { id: true, outcome: true } });
  const stored = new Set(rotations.map(({ id }) => id));
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  expect(rotations.map(({ outcome }) => outcome)).toEqual(rotations.map(() => 'completed'));
  expect(await fleet.brokenPromises()).toEqual([]);
}, 180_000);
