import fs from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Actor, system } from '#core/access/actor.ts';
import { pauseCredential } from '#core/credentials/pause-credential.ts';
import { readCredential } from '#core/credentials/read-credential.ts';
import { unpauseCredential } from '#core/credentials/unpause-credential.ts';
import { pauseIssuer } from '#core/issuers/pause-issuer.ts';
import { unpauseIssuer } from '#core/issuers/unpause-issuer.ts';
import { advance } from '#core/rotation/advance.ts';
import { claim, commitStep } from '#core/rotation/commit-step.ts';
import { findDueRotations } from '#core/rotation/find-due-rotations.ts';
import { pauseEverything } from '#core/rotation/pause-everything.ts';
import { readRotation } from '#core/rotation/read-rotation.ts';
import { readStandstill } from '#core/rotation/read-standstill.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { unpauseEverything } from '#core/rotation/unpause-everything.ts';
import type { SampleName } from '#demo/seed.ts';
import { db } from '#lib/db.ts';
import { moveTime } from '#tests/support/database.ts';
import { advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';

const actor = system('test');
const reason = 'the vendor asked for quiet';
let sample: Sample;

beforeAll(async () => {
  sample = await startSample();
});
afterAll(() => sample.close());
afterEach(() => unpauseEverything(actor, {}).catch(() => {}));

const later = (interval: string) => moveTime(process.env.DATABASE_URL ?? '', interval);
const due = async (rotationId: string) =>
  (await findDueRotations(100)).some((one) => one.rotationId === rotationId);

async function request(name: SampleName, graceSeconds = 0): Promise<string> {
  const credentialId = await sample.credentialId(name);
  return (await requestRotation(actor, { credentialId, graceSeconds })).rotationId;
}

const steps = (rotationId: string) => db().prisma.rotationStep.count({ where: { rotationId } });
const completed = (rotationId: string) => advanceUntil(rotationId, ({ outcome }) => outcome === 'completed');

/** Each way to pause what fleet-api does, and to let it go on. */
async function ways() {
  const credentialId = await sample.credentialId('fleet-api');
  const { issuerId } = await db().prisma.credential.findUniqueOrThrow({ where: { id: credentialId } });
  return [
    [
      'credential',
      () => pauseCredential(actor, { credentialId, reason }),
      () => unpauseCredential(actor, { credentialId }),
    ],
    ['issuer', () => pauseIssuer(actor, { issuerId, reason }), () => unpauseIssuer(actor, { issuerId })],
    ['everything', () => pauseEverything(actor, { reason }), () => unpauseEverything(actor, {})],
  ] as const;
}

test('while a credential, its issuer or everything is paused, its rotation waits and nothing is asked; then it goes on', async () => {
  for (const [paused, pause, unpause] of await ways()) {
    await pause();
    const rotationId = await request('fleet-api');
    await advance(rotationId, () => {});
    expect(await steps(rotationId), paused).toBe(0);
    expect(await due(rotationId)).toBe(false);
    const credentialId = await sample.credentialId('fleet-api');
    expect(await readCredential(actor, { credentialId })).toMatchObject({
      paused: paused === 'credential',
      pausedBy: paused,
    });
    expect(await readRotation(actor, { rotationId })).toMatchObject({
      paused,
      phase: 'preflight',
      hold: null,
    });
    await unpause();
    expect(await due(rotationId)).toBe(true);
    expect((await readRotation(actor, { rotationId })).paused).toBeNull();
    await completed(rotationId);
  }
});

test('an overlap that ends in a pause is not ended by Rekey before the pause is over', async () => {
  const rotationId = await request('fleet-api', 60);
  await advanceUntil(rotationId, ({ phase }) => phase === 'overlap');
  await pauseEverything(actor, { reason });
  await later('2 minutes');
  await advance(rotationId, () => {});
  expect(await db().prisma.rotation.findUnique({ where: { id: rotationId } })).toMatchObject({
    phase: 'overlap',
  });
  await unpauseEverything(actor, {});
  await completed(rotationId);
});

test('a worker that is in the middle of a rotation is told with its next commit', async () => {
  const rotationId = await request('fleet-api');
  const held = await claim(rotationId);
  if (held === null) throw new Error('not claimed');
  await pauseEverything(actor, { reason });
  expect(await commitStep(held, 'preflight', { patch: {}, events: [] })).toMatchObject({ hold: 'paused' });
  await unpauseEverything(actor, {});
  expect(await commitStep(held, 'preflight', { patch: {}, events: [] })).toMatchObject({ hold: null });
  await later('1 minute');
  await completed(rotationId);
});

test('a rotation whose consumers lack a secret that works goes on through a pause until they have it', async () => {
  const file = sample.envFile('survey-importer');
  const lock = path.join(path.dirname(file), `.${path.basename(file)}.rekey`);
  const rotationId = await request('survey-importer');
  // After the first commit, so that preflight has found the file writable, and the delivery does not.
  await advance(rotationId, () => fs.writeFileSync(lock, 'another delivery is writing'));
  const inGap = await db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId } });
  expect(inGap).toMatchObject({ phase: 'deliver', outcome: null, gapEndedAt: null });
  expect(inGap.gapStartedAt).not.toBeNull();
  await pauseEverything(actor, { reason });
  fs.rmSync(lock);
  await later('1 minute');
  expect(await due(rotationId)).toBe(true);
  await advance(rotationId, () => {});
  const after = await db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId } });
  expect(after.gapEndedAt).not.toBeNull();
  expect((await sample.askToken('survey-importer', sample.secretInFile('survey-importer'))).status).toBe(200);
  await unpauseEverything(actor, {});
  await completed(rotationId);
});

test('a breach that ends a rotation in its gap takes the gap over: it goes on through a pause, and counts from the first end', async () => {
  const credentialId = await sample.credentialId('survey-importer');
  const file = sample.envFile('survey-importer');
  const lock = path.join(path.dirname(file), `.${path.basename(file)}.rekey`);
  const first = await request('survey-importer');
  await advance(first, () => fs.writeFileSync(lock, 'another delivery is writing'));
  const { gapStartedAt } = await db().prisma.rotation.findUniqueOrThrow({ where: { id: first } });
  expect(gapStartedAt).not.toBeNull();
  await pauseEverything(actor, { reason });
  fs.rmSync(lock);
  const { rotationId } = await requestRotation(actor, { credentialId, priority: 'breach' });
  expect(await due(rotationId)).toBe(true);
  await advance(rotationId, () => {});
  const inPause = await db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId } });
  expect(inPause.gapStartedAt).toEqual(gapStartedAt);
  expect(inPause.gapEndedAt).not.toBeNull();
  expect((await sample.askToken('survey-importer', sample.secretInFile('survey-importer'))).status).toBe(200);
  await unpauseEverything(actor, {});
  await completed(rotationId);
});

test('a rotation whose issuer may have replaced the secret already goes on through a pause', async () => {
  await sample.fault({ clientId: 'survey-importer', on: 'issue', kind: 'drop_after', times: 1 });
  const rotationId = await request('survey-importer');
  await advance(rotationId, () => {});
  const lost = await db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId } });
  expect(lost).toMatchObject({ phase: 'issue', gapStartedAt: null, hold: null });
  await pauseEverything(actor, { reason });
  expect(await due(rotationId)).toBe(true);
  await advanceUntil(rotationId, ({ phase }) => phase === 'verify' || phase === 'prove');
  expect((await sample.askToken('survey-importer', sample.secretInFile('survey-importer'))).status).toBe(200);
  await unpauseEverything(actor, {});
  await completed(rotationId);
});

test('where the old secret ends by itself, a pause does not stop the delivery of the new one', async () => {
  const rotationId = await request('fleet-api');
  await pauseEverything(actor, { reason });
  const set = (phase: string) =>
    db().pool.query(`update rotations set strategy = 'graced', phase = $2 where id = $1`, [
      rotationId,
      phase,
    ]);
  for (const phase of ['verify', 'deliver', 'redeploy', 'confirm']) {
    await set(phase);
    expect(await due(rotationId), phase).toBe(true);
    expect((await readRotation(actor, { rotationId })).paused).toBeNull();
  }
  for (const phase of ['preflight', 'issue', 'overlap', 'prove']) {
    await set(phase);
    expect(await due(rotationId), phase).toBe(false);
    expect(await claim(rotationId)).toBeNull();
  }
  await db().pool.query(`update rotations set strategy = 'overlap', phase = 'preflight' where id = $1`, [
    rotationId,
  ]);
  await unpauseEverything(actor, {});
  await completed(rotationId);
});

test('a rotation that is paused after its worker took it asks for nothing, and goes on as soon as it may', async () => {
  await sample.fault({ clientId: 'fleet-api', on: 'check', kind: 'delay', delayMs: 1500, times: 1 });
  const rotationId = await request('fleet-api');
  const advancing = advance(rotationId, () => {});
  await expect
    .poll(() => db().prisma.rotation.count({ where: { id: rotationId, leaseUntil: { not: null } } }))
    .toBe(1);
  await pauseEverything(actor, { reason });
  await advancing;
  const rows = await db().prisma.rotationStep.findMany({ where: { rotationId }, orderBy: { seq: 'asc' } });
  expect(rows.map(({ phase, result }) => [phase, result])).toEqual([
    ['preflight', 'ok'],
    ['issue', 'failed'],
  ]);
  expect(await due(rotationId)).toBe(false);
  await unpauseEverything(actor, {});
  expect(await due(rotationId)).toBe(true);
  await completed(rotationId);
});

test('a pause says who and why, is recorded, and is refused twice and to those who may not', async () => {
  await pauseEverything(actor, { reason });
  expect(await readStandstill(actor, {})).toMatchObject({ by: 'test', reason });
  await expect(pauseEverything(actor, { reason })).rejects.toMatchObject({ code: 'already_paused' });
  await unpauseEverything(actor, {});
  expect(await readStandstill(actor, {})).toBeNull();
  await expect(unpauseEverything(actor, {})).rejects.toMatchObject({ code: 'not_paused' });
  const operator: Actor = {
    kind: 'user',
    id: crypto.randomUUID(),
    name: 'op',
    role: 'operator',
    stepUpAt: new Date(),
  };
  await expect(pauseEverything(operator, { reason })).rejects.toMatchObject({ code: 'role_missing' });
  const events = await db().prisma.auditEvent.findMany({
    where: { action: { startsWith: 'everything.' } },
    orderBy: { id: 'asc' },
  });
  expect(events.slice(-2).map(({ action }) => action)).toEqual(['everything.paused', 'everything.unpaused']);
  expect(JSON.parse(events.at(-2)?.body ?? '')).toMatchObject({ reason });
});
