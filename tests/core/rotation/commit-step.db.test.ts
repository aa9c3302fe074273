import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { advance } from '#core/rotation/advance.ts';
import { type Claim, claim, commitStep, FenceLost, requireFence, seize } from '#core/rotation/commit-step.ts';
import { findDueRotations } from '#core/rotation/find-due-rotations.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { db } from '#lib/db.ts';
import { moveTime } from '#tests/support/database.ts';
import { type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
let rotationId: string;

beforeAll(async () => {
  sample = await startSample();
});
afterAll(() => sample.close());

beforeEach(async () => {
  await db().pool.query(`update rotations set outcome = 'cancelled' where outcome is null`);
  const credentialId = await sample.credentialId('fleet-api');
  rotationId = (await requestRotation(system('test'), { credentialId })).rotationId;
});

const held = async (): Promise<Claim> => {
  const claimed = await claim(rotationId);
  if (claimed === null) {
    throw new Error('The rotation could not be claimed.');
  }
  return claimed;
};

const toIssue = { patch: { rotation: { phase: 'issue' } }, events: [] };
const phase = async () => (await db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId } })).phase;

test('of many workers that claim a rotation at the same time, one gets it', async () => {
  const claims = await Promise.all(Array.from({ length: 12 }, () => claim(rotationId)));
  expect(claims.filter((one) => one !== null)).toHaveLength(1);
  expect(await findDueRotations(10)).toEqual([]);
});

test('a worker whose lease ran out and who was replaced commits nothing and is stopped before its next effect', async () => {
  const frozen = await held();
  await moveTime(process.env.DATABASE_URL ?? '', '31 seconds');
  expect(await findDueRotations(10)).toMatchObject([{ rotationId }]);
  await expect(requireFence(frozen)).rejects.toBeInstanceOf(FenceLost);
  const next = await held();
  await expect(commitStep(frozen, 'preflight', toIssue)).rejects.toBeInstanceOf(FenceLost);
  expect(await phase()).toBe('preflight');
  await commitStep(next, 'preflight', toIssue);
  expect(await phase()).toBe('issue');
});

test('a person’s action fences the worker off at once, although its lease runs on', async () => {
  const worker = await held();
  const person = await seize(rotationId, 'preflight');
  await expect(requireFence(worker)).rejects.toBeInstanceOf(FenceLost);
  await expect(commitStep(worker, 'preflight', toIssue)).rejects.toBeInstanceOf(FenceLost);
  expect(person).not.toBeNull();
});

test('a rotation that goes on stays due since when it was, and one that is to wait is due then', async () => {
  const dueAt = async () =>
    (await db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId } })).nextAttemptAt?.getTime();
  const worker = await held();
  const since = await dueAt();
  const goOn = { patch: { rotation: { phase: 'issue', next_attempt_at: new Date() } }, events: [] };
  const { at } = await commitStep(worker, 'preflight', goOn);
  expect(await dueAt()).toBe(since);
  const later = new Date(at.getTime() + 3_600_000);
  await commitStep(worker, 'issue', { patch: { rotation: { next_attempt_at: later } }, events: [] });
  expect(await dueAt()).toBe(later.getTime());
  const now = new Date(at.getTime());
  await commitStep(worker, 'issue', { patch: { rotation: { next_attempt_at: now } }, events: [] });
  expect(await dueAt()).toBe(now.getTime());
});

test('a commit for a phase that has passed stores nothing, not even its events', async () => {
  const worker = await held();
  await commitStep(worker, 'preflight', toIssue);
  const before = await db().prisma.auditEvent.count();
  const event = {
    action: 'rotation.started' as const,
    actor: { kind: 'system' as const, id: null, name: 'test' },
  };
  const credentialId = await sample.credentialId('fleet-api');
  await expect(
    commitStep(worker, 'preflight', {
      patch: { rotation: { phase: 'verify' } },
      events: [{ ...event, credentialId, credential: 'fleet-api', rotationId }],
    }),
  ).rejects.toBeInstanceOf(FenceLost);
  expect(await phase()).toBe('issue');
  expect(await db().prisma.auditEvent.count()).toBe(before);
});

test('a rotation that is held, ended or not yet due is claimed by nobody', async () => {
  for (const state of [
    `hold = 'slot_full'`,
    `outcome = 'completed'`,
    `next_attempt_at = rekey_now() + interval '1 minute'`,
  ]) {
    await db().pool.query(
      `update rotations set hold = null, outcome = null, next_attempt_at = rekey_now() where id = $1`,
      [rotationId],
    );
    await db().pool.query(`update rotations set ${state} where id = $1`, [rotationId]);
    expect(await claim(rotationId)).toBeNull();
    await advance(rotationId, () => {
      throw new Error('Something was committed.');
    });
  }
});

test('an action for a phase that has passed takes nothing from the worker', async () => {
  const worker = await held();
  expect(await seize(rotationId, 'await_secret')).toBeNull();
  await requireFence(worker);
  await commitStep(worker, 'preflight', toIssue);
  expect(await phase()).toBe('issue');
});
