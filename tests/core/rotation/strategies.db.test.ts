import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { resumeRotation } from '#core/rotation/resume-rotation.ts';
import { revokeNow } from '#core/rotation/revoke-now.ts';
import { rollBackRotation } from '#core/rotation/roll-back-rotation.ts';
import { db } from '#lib/db.ts';
import { type Client, importClient } from '#tests/support/client.ts';
import { moveTime } from '#tests/support/database.ts';
import { holdAt } from '#tests/support/hold-at.ts';
import { advanceThroughRetries, advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
const actor = system('test');

beforeAll(async () => {
  sample = await startSample();
});
afterAll(() => sample.close());
afterEach(async () => {
  await db().pool.query(`update rotations set outcome = 'cancelled' where outcome is null`);
  await sample.clearFaults();
});

/** Advances step by step, and tries after each what a consumer would: the primary value, then NEXT. */
async function neverRefused(client: Client, rotationId: string) {
  const refused: string[] = [];
  const row = await advanceUntil(
    rotationId,
    (at) => at.outcome !== null || at.hold !== null,
    async () => {
      const { phase, direction } = await db().prisma.rotation.findUniqueOrThrow({
        where: { id: rotationId },
      });
      for (const file of client.files) {
        const works =
          (await client.accepts(client.valueIn(file))) ||
          (await client.accepts(client.valueIn(file, 'SECRET_NEXT')));
        if (!works) {
          refused.push(`${direction} ${phase} ${file}`);
        }
      }
      await moveTime(process.env.DATABASE_URL ?? '', '1 minute');
    },
  );
  expect(refused).toEqual([]);
  return row;
}

test('an issuer of one secret that takes a chosen value is rotated without a gap where consumers read NEXT, twice in a row', async () => {
  const client = await importClient(sample, 'single-chosen', { files: 2, readsNext: true });
  const values = [client.valueIn(client.files[0])];
  for (const n of [2, 3]) {
    const { rotationId } = await requestRotation(actor, { credentialId: client.credentialId });
    const { strategy } = await db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId } });
    expect(strategy).toBe('prestage');
    expect(await neverRefused(client, rotationId)).toMatchObject({ outcome: 'completed' });
    const [value, other] = client.files.map((file) => client.valueIn(file));
    expect(value).toBe(other);
    expect(values).not.toContain(value);
    expect(await client.accepts(value ?? null)).toBe(true);
    expect(await client.accepts(values.at(-1) ?? null)).toBe(false);
    expect(client.files.map((file) => client.valueIn(file, 'SECRET_NEXT'))).toEqual([null, null]);
    expect((await client.versions()).at(-1)).toEqual({ n, state: 'current' });
    values.push(value ?? null);
  }
});

test('a prestaged rotation goes back at any phase until it is complete, and the old value works again', async () => {
  const client = await importClient(sample, 'single-chosen', { files: 2, readsNext: true });
  for (const phase of ['confirm_next', 'issue', 'verify', 'deliver', 'confirm', 'prove'] as const) {
    const old = client.valueIn(client.files[0]);
    const { rotationId } = await requestRotation(actor, { credentialId: client.credentialId });
    await holdAt(rotationId, phase);
    await advanceThroughRetries(rotationId);
    await rollBackRotation(actor, { rotationId });
    expect([phase, await neverRefused(client, rotationId)]).toMatchObject([
      phase,
      { outcome: 'rolled_back' },
    ]);
    expect(client.files.map((file) => client.valueIn(file))).toEqual([old, old]);
    expect(client.files.map((file) => client.valueIn(file, 'SECRET_NEXT'))).toEqual([null, null]);
    expect(await client.accepts(old)).toBe(true);
    const versions = await client.versions();
    expect(versions.filter(({ state }) => state === 'current')).toHaveLength(1);
    expect(versions.at(-1)?.state).toBe('discarded');
  }
});

test('an overlap goes back from any phase before the old secret is revoked, without a refusal in between', async () => {
  const client = await importClient(sample, 'two-slots', { files: 2, canary: true });
  for (const phase of ['issue', 'verify', 'deliver', 'confirm', 'overlap'] as const) {
    const old = client.valueIn(client.files[0]);
    const { rotationId } = await requestRotation(actor, { credentialId: client.credentialId });
    await holdAt(rotationId, phase);
    await advanceUntil(rotationId, (row) => row.hold !== null);
    await rollBackRotation(actor, { rotationId });
    expect([phase, await neverRefused(client, rotationId)]).toMatchObject([
      phase,
      { outcome: 'rolled_back' },
    ]);
    expect(client.files.map((file) => client.valueIn(file))).toEqual([old, old]);
    expect(await client.live()).toHaveLength(1);
    expect(await client.accepts(old)).toBe(true);
    expect((await client.versions()).filter(({ state }) => state === 'current')).toHaveLength(1);
  }
});

test('after the old secret is revoked a roll-back is refused with the reason, and nothing changes', async () => {
  const client = await importClient(sample, 'two-slots');
  const { rotationId } = await requestRotation(actor, { credentialId: client.credentialId, graceSeconds: 0 });
  await holdAt(rotationId, 'prove');
  await advanceUntil(rotationId, (row) => row.hold !== null);
  await expect(rollBackRotation(actor, { rotationId })).rejects.toThrow(/only forward/);
  await resumeRotation(actor, { rotationId });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
});

test('an issuer that ends the old secret by itself is given the end of the grace period, and the rotation waits for it', async () => {
  const client = await importClient(sample, 'graced');
  const old = client.valueIn(client.files[0]);
  const { rotationId } = await requestRotation(actor, {
    credentialId: client.credentialId,
    graceSeconds: 3600,
  });
  await advanceUntil(rotationId, (row) => row.phase === 'overlap');
  const { overlapEndsAt, strategy } = await db().prisma.rotation.findUniqueOrThrow({
    where: { id: rotationId },
  });
  expect(strategy).toBe('graced');
  expect(overlapEndsAt?.getTime()).toBeGreaterThan(Date.now() + 3_000_000);
  expect(await client.accepts(old)).toBe(true);
  await revokeNow(actor, { rotationId });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
  expect(await client.accepts(old)).toBe(false);
  expect(await client.live()).toHaveLength(1);
});

test('a cut-over with a chosen value goes back by setting the old value again', async () => {
  const client = await importClient(sample, 'single-chosen');
  const old = client.valueIn(client.files[0]);
  for (const phase of ['issue', 'deliver', 'confirm', 'prove'] as const) {
    const { rotationId } = await requestRotation(actor, { credentialId: client.credentialId });
    await holdAt(rotationId, phase);
    await advanceUntil(rotationId, (row) => row.hold !== null);
    await rollBackRotation(actor, { rotationId });
    const ended = await advanceThroughRetries(rotationId);
    expect([phase, ended]).toMatchObject([phase, { outcome: 'rolled_back' }]);
    expect(client.valueIn(client.files[0])).toBe(old);
    expect(await client.accepts(old)).toBe(true);
  }
});

test('a lost answer of an issuer that can be read back is read, and no second secret is issued', async () => {
  const client = await importClient(sample, 'single-readable');
  await sample.fault({ clientId: 'single-readable', on: 'issue', kind: 'drop_after', times: 1 });
  const { rotationId } = await requestRotation(actor, { credentialId: client.credentialId });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
  const steps = await db().prisma.rotationStep.findMany({
    where: { rotationId, phase: 'issue' },
    orderBy: { seq: 'asc' },
  });
  expect(steps.map(({ result }) => result)).toEqual(['unknown', 'ok']);
  const [live] = await client.live();
  const current = await db().prisma.secretVersion.findFirstOrThrow({
    where: { credentialId: client.credentialId, state: 'current' },
  });
  expect(live?.id).toBe(current.externalId);
});

test('a breach ends a rotation in mid-overlap: what is left of it is revoked before a new secret is issued', async () => {
  const client = await importClient(sample, 'two-slots');
  const { credentialId } = client;
  const old = client.valueIn(client.files[0]);
  const first = await requestRotation(actor, { credentialId, graceSeconds: 86_400 });
  await advanceUntil(first.rotationId, (row) => row.phase === 'overlap');
  const leaked = client.valueIn(client.files[0]);
  const breach = await requestRotation(actor, { credentialId, priority: 'breach', reason: 'seen in a log' });
  expect(breach).toMatchObject({ existing: false });
  expect(await advanceThroughRetries(breach.rotationId)).toMatchObject({ outcome: 'completed' });
  const before = await db().prisma.rotation.findUniqueOrThrow({ where: { id: first.rotationId } });
  expect(before.outcome).toBe('superseded');
  expect([await client.accepts(old), await client.accepts(leaked)]).toEqual([false, false]);
  expect(await client.accepts(client.valueIn(client.files[0]))).toBe(true);
  expect((await client.versions()).map(({ state }) => state)).toEqual(['revoked', 'revoked', 'current']);
});

test('a breach ends a rotation whose new secret was not promoted yet, and leaves no secret of it alive', async () => {
  const client = await importClient(sample, 'two-slots');
  const { credentialId } = client;
  const first = await requestRotation(actor, { credentialId, graceSeconds: 86_400 });
  await holdAt(first.rotationId, 'deliver');
  await advanceUntil(first.rotationId, (row) => row.hold !== null);
  const breach = await requestRotation(actor, { credentialId, priority: 'breach' });
  expect(await advanceThroughRetries(breach.rotationId)).toMatchObject({ outcome: 'completed' });
  expect(await client.live()).toHaveLength(1);
  expect((await client.versions()).map(({ state }) => state)).toEqual(['revoked', 'discarded', 'current']);
});

test.each([
  ['before the issuer was asked', 'issue', false],
  ['once the issuer has taken the new value', 'verify', true],
  ['before the new value is everywhere', 'deliver', true],
] as const)(
  'a breach of a prestaged rotation %s measures the gap that it makes by taking NEXT away',
  async (_when, phase, hasGap) => {
    const client = await importClient(sample, 'single-chosen', { files: 1, readsNext: true });
    const { credentialId } = client;
    const first = await requestRotation(actor, { credentialId });
    await holdAt(first.rotationId, phase);
    await advanceUntil(first.rotationId, (row) => row.hold !== null);
    const { rotationId } = await requestRotation(actor, { credentialId, priority: 'breach' });
    expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
    const row = await db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId } });
    expect([row.gapStartedAt !== null, row.gapEndedAt !== null]).toEqual([hasGap, hasGap]);
    expect(await client.accepts(client.valueIn(client.files[0]))).toBe(true);
  },
);
