import fs from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { system } from '#core/access/actor.ts';
import { advance } from '#core/rotation/advance.ts';
import { loadRotation } from '#core/rotation/load-rotation.ts';
import { issue } from '#core/rotation/perform/issue.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { resumeRotation } from '#core/rotation/resume-rotation.ts';
import { rollBackRotation } from '#core/rotation/roll-back-rotation.ts';
import type { Step } from '#core/rotation/situation.ts';
import { db } from '#lib/db.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { type Client, importClient } from '#tests/support/client.ts';
import { holdAt } from '#tests/support/hold-at.ts';
import { advanceThroughRetries, advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
let client: Client;
const actor = system('test');

beforeAll(async () => {
  sample = await startSample();
  client = await importClient(sample, 'two-slots', { files: 2 });
});
afterAll(() => sample.close());
afterEach(async () => {
  vi.useRealTimers();
  await db().pool.query(`update rotations set outcome = 'cancelled' where outcome is null`);
  await db().pool.query(`update issuers set health = 'unknown', failures = 0`);
  await sample.clearFaults();
});

const request = () => requestRotation(actor, { credentialId: client.credentialId, graceSeconds: 0 });

async function currentWorks() {
  expect((await client.versions()).filter(({ state }) => state === 'current')).toHaveLength(1);
  for (const file of client.files) {
    expect(await client.accepts(client.valueIn(file))).toBe(true);
  }
}

test.each([
  ['with line ends in it', 'first\nsecond'],
  ['longer than any target holds', 'x'.repeat(65_536)],
  ['that is empty', ''],
])('a secret %s is not stored, and the answer says why', async (_kind, value) => {
  const { rotationId } = await request();
  const loaded = await loadRotation(rotationId);
  const answer = { externalId: 'odd', fields: { clientSecret: new Plaintext(value) } };
  const connector = { ...loaded.issuer.connector, issue: async () => answer };
  const issuer = { ...loaded.issuer, connector };
  const step: Step = {
    seq: 1,
    direction: 'forward',
    phase: 'issue',
    bindingId: null,
    attempt: 1,
    result: null,
    intentAt: loaded.situation.now,
    ref: null,
    notBefore: null,
  };
  const hands = { ready: async () => {}, now: () => loaded.situation.now };
  const performed = await issue({ ...loaded, issuer }, step, hands);
  expect(performed).toMatchObject({ ended: 'failed', failure: { hold: 'secret_unusable' } });
  expect(performed.commit).toBeUndefined();
  if (value !== '') {
    expect(JSON.stringify(performed)).not.toContain(value.slice(0, 5));
  }
});

test('an issuer that answers with the secret in use is asked again until it gives a new one', async () => {
  await sample.fault({ clientId: 'two-slots', on: 'issue', kind: 'same_secret', times: 2 });
  const { rotationId } = await request();
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
  await currentWorks();
  expect(await client.live()).toHaveLength(1);
});

test('an issuer that never gives a new secret holds the rotation with the reason, and it goes back', async () => {
  await sample.fault({ clientId: 'two-slots', on: 'issue', kind: 'same_secret', times: 100 });
  const { rotationId } = await request();
  const held = await advanceThroughRetries(rotationId);
  expect(held).toMatchObject({ phase: 'issue', hold: 'secret_unusable' });
  expect(held.holdDetail).toMatch(/already current/);
  await sample.clearFaults();
  await rollBackRotation(actor, { rotationId });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'rolled_back' });
  await currentWorks();
  expect(await client.live()).toHaveLength(1);
});

test('an issuer that refuses for good holds the rotation for a person, and is not called unhealthy', async () => {
  await sample.fault({ clientId: 'two-slots', on: 'issue', kind: 'status', status: 404, times: 100 });
  const { rotationId } = await request();
  const held = await advanceThroughRetries(rotationId);
  expect(held).toMatchObject({ phase: 'issue', hold: 'issuer_failed' });
  expect(held.holdDetail).toMatch(/Check the names/);
  expect(await db().prisma.issuer.count({ where: { health: 'unhealthy' } })).toBe(0);
  await sample.clearFaults();
  await resumeRotation(actor, { rotationId });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
});

test('a token endpoint that answers 200 without a token proves nothing: the old secret is kept', async () => {
  await sample.fault({ clientId: 'two-slots', on: 'token', kind: 'empty', times: 100 });
  const { rotationId } = await request();
  expect(await advanceThroughRetries(rotationId)).toMatchObject({
    phase: 'verify',
    hold: 'issuer_unhealthy',
  });
  await sample.clearFaults();
  await currentWorks();
  await resumeRotation(actor, { rotationId });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
  await currentWorks();
});

test('a target that accepts and forgets keeps the old secret alive, and the hold names it', async () => {
  const { rotationId } = await request();
  await holdAt(rotationId, 'confirm');
  await advanceUntil(rotationId, (row) => row.hold !== null);
  const [, file = ''] = client.files;
  const kept = fs.readFileSync(file, 'utf8');
  fs.writeFileSync(file, kept.replace(/^SECRET=.*$/m, 'SECRET=forgotten'));
  await resumeRotation(actor, { rotationId });
  const held = await advanceThroughRetries(rotationId);
  expect(held).toMatchObject({ phase: 'confirm', hold: 'confirmation_pending' });
  expect(held.holdDetail).toMatch(/Env file \(sample\).* reached only "accepted"/);
  expect(await client.live()).toHaveLength(2);
  fs.writeFileSync(file, kept);
  await resumeRotation(actor, { rotationId });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
  await currentWorks();
});

test.each([-1, 1])('a worker whose clock is %s hour off rotates like any other', async (hours) => {
  const fresh = await importClient(sample, hours < 0 ? 'graced' : 'two-slots');
  const { rotationId } = await requestRotation(actor, {
    credentialId: fresh.credentialId,
    graceSeconds: 600,
  });
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * 3_600_000 });
  await advance(rotationId, () => {});
  const row = await db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId } });
  expect(row).toMatchObject({ phase: 'overlap', hold: null, outcome: null });
  const left = Number(row.overlapEndsAt) - Number(row.phaseAt);
  expect(left).toBeGreaterThan(500_000);
  expect(left).toBeLessThan(700_000);
});
