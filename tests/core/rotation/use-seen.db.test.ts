import fs from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { askConsumer } from '#core/outside/ask-consumer.ts';
import { cancelRotation } from '#core/rotation/cancel-rotation.ts';
import { extendOverlap } from '#core/rotation/extend-overlap.ts';
import { holdRotation } from '#core/rotation/hold-rotation.ts';
import { planRotation } from '#core/rotation/plan-rotation.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { resumeRotation } from '#core/rotation/resume-rotation.ts';
import { revokeNow } from '#core/rotation/revoke-now.ts';
import { db } from '#lib/db.ts';
import { type Client, importClient } from '#tests/support/client.ts';
import { moveTime } from '#tests/support/database.ts';
import { advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
let client: Client;
const actor = system('test');

beforeAll(async () => {
  sample = await startSample();
  client = await importClient(sample, 'two-slots');
  // The issuer has the real time; what it saw before a test says so lies in the past.
  await moveTime(process.env.DATABASE_URL ?? '', '1 hour');
});
afterAll(() => sample.close());

const rowOf = (rotationId: string) => db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId } });
const stopped = (row: { outcome: string | null; hold: string | null }) =>
  row.outcome !== null || row.hold !== null;
const secret = () => client.valueIn(client.files[0]);

async function intoOverlap(wish: { graceSeconds: number; graceAfterUseSeconds?: number }): Promise<string> {
  const { rotationId } = await requestRotation(actor, { credentialId: client.credentialId, ...wish });
  await advanceUntil(rotationId, (row) => row.phase === 'overlap');
  return rotationId;
}

/** Has the overlap begun so many seconds before this moment of the issuer's clock, and end so many after it. */
async function place(rotationId: string, before: number, after: number): Promise<void> {
  const t = Date.now();
  const at = (seconds: number) => new Date(t + seconds * 1000);
  await db().pool.query(
    `update rotations set phase_at = $2, overlap_ends_at = $3, usage_looked_at = null, next_attempt_at = rekey_now()
      where id = $1`,
    [rotationId, at(-before), at(after)],
  );
  // What is used from here on is used later than that.
  while (Date.now() <= t) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** The overlap is over by the database's clock, and uses from now on are late ones. */
const overNow = (rotationId: string) => place(rotationId, 300, 300);

test('an old secret that the issuer saw used after the promotion is not revoked; people are told and decide', async () => {
  const old = secret();
  const rotationId = await intoOverlap({ graceSeconds: 3600 });
  await overNow(rotationId);
  expect(await client.accepts(old)).toBe(true);
  const held = await advanceUntil(rotationId, stopped);
  expect(held).toMatchObject({ phase: 'overlap', hold: 'usage_seen' });
  expect(held.holdDetail).toMatch(/^v1 was last used at \d{4}-/);
  expect(await client.live()).toHaveLength(2);

  await expect(resumeRotation(actor, { rotationId })).rejects.toMatchObject({ status: 409 });
  await extendOverlap(actor, { rotationId, end: { seconds: 600 } });
  expect(await rowOf(rotationId)).toMatchObject({ phase: 'overlap', hold: null, oldSeenAt: null });
  expect(await client.accepts(old)).toBe(true);

  // Since the extension nobody has used it.
  await overNow(rotationId);
  expect(await advanceUntil(rotationId, stopped)).toMatchObject({ outcome: 'completed' });
  expect(await client.live()).toHaveLength(1);
});

test('to hold and resume a rotation in its overlap lets no use of the old secret be overlooked', async () => {
  const old = secret();
  const rotationId = await intoOverlap({ graceSeconds: 3600 });
  await overNow(rotationId);
  await holdRotation(actor, { rotationId, reason: 'a look first' });
  expect(await client.accepts(old)).toBe(true);
  await moveTime(process.env.DATABASE_URL ?? '', '10 minutes');
  await resumeRotation(actor, { rotationId });
  expect(await advanceUntil(rotationId, stopped)).toMatchObject({ phase: 'overlap', hold: 'usage_seen' });
  await revokeNow(actor, { rotationId });
  await advanceUntil(rotationId, stopped);
});

test('a person may have it revoked all the same', async () => {
  const old = secret();
  const rotationId = await intoOverlap({ graceSeconds: 3600 });
  await overNow(rotationId);
  await client.accepts(old);
  expect(await advanceUntil(rotationId, stopped)).toMatchObject({ hold: 'usage_seen' });
  await revokeNow(actor, { rotationId });
  expect(await advanceUntil(rotationId, stopped)).toMatchObject({ outcome: 'completed' });
  expect(await client.accepts(old)).toBe(false);
});

test('the overlap ends so long after the new secret was used as was asked for; Rekey’s own sign-in is no use of it', async () => {
  const rotationId = await intoOverlap({ graceSeconds: 7 * 86_400, graceAfterUseSeconds: 600 });
  await place(rotationId, 30, 7 * 86_400);
  await advanceUntil(rotationId, () => true);
  const unseen = await rowOf(rotationId);
  expect(unseen).toMatchObject({ newSeenAt: null, usageLookedAt: expect.any(Date) });

  await db().pool.query(
    `update rotations set usage_looked_at = null, next_attempt_at = rekey_now() where id = $1`,
    [rotationId],
  );
  expect(await client.accepts(secret())).toBe(true);
  await advanceUntil(rotationId, () => true);
  const seen = await rowOf(rotationId);
  expect(seen.newSeenAt).not.toBeNull();
  expect(seen.overlapEndsAt?.getTime()).toBe((seen.newSeenAt?.getTime() ?? 0) + 600_000);
  const [event] = await db().prisma.auditEvent.findMany({
    where: { rotationId, action: 'secret.seen_in_use' },
  });
  expect(JSON.parse(event?.body ?? '{}')).toMatchObject({ until: seen.overlapEndsAt?.toISOString() });
  await revokeNow(actor, { rotationId });
  await advanceUntil(rotationId, stopped);
});

test('an end that waits for a use is in the plan, and has a digest of its own', async () => {
  const { credentialId } = client;
  const usual = await planRotation(actor, { credentialId, graceSeconds: 86_400 });
  const wish = { credentialId, graceSeconds: 86_400, graceAfterUseSeconds: 600 };
  const waits = await planRotation(actor, wish);
  expect([usual.graceAfterUseSeconds, waits.graceAfterUseSeconds]).toEqual([null, 600]);
  expect(waits.digest).not.toBe(usual.digest);
  // It has an end in any case, and one that comes before the shortest wait is no plan.
  const tooLong = { ...wish, graceAfterUseSeconds: 86_400 };
  await expect(requestRotation(actor, tooLong)).rejects.toMatchObject({ code: 'use_not_seen' });
});

test('where nobody says which version is in use, an end that waits for it is refused, and a policy’s is not taken', async () => {
  const { credentialId } = client;
  const policy = await db().prisma.policy.create({
    data: {
      name: 'Until seen',
      intervalSeconds: 30 * 86_400,
      timeZone: 'UTC',
      graceSeconds: 86_400,
      graceAfterUseSeconds: 7200,
    },
  });
  await db().prisma.policyAssignment.create({ data: { credentialId, policyId: policy.id } });
  const lengths = { graceSeconds: 86_400, graceAfterUseSeconds: 7200 };
  expect(await planRotation(actor, { credentialId })).toMatchObject({ seesUse: true, ...lengths });

  const list = (value: boolean) =>
    db().pool.query(
      `update credentials set place = place || jsonb_build_object('list', $2::boolean) where id = $1`,
      [credentialId, value],
    );
  await list(false);
  const fixed = { seesUse: false, graceSeconds: 86_400, graceAfterUseSeconds: null };
  expect(await planRotation(actor, { credentialId })).toMatchObject(fixed);
  const asked = requestRotation(actor, { credentialId, graceSeconds: 86_400, graceAfterUseSeconds: 600 });
  await expect(asked).rejects.toMatchObject({ status: 422, code: 'use_not_seen' });
  await list(true);
});

test('consumers that say what they use count as well: all of them for the new secret, any of them for the old one', async () => {
  const credentialId = await sample.credentialId('fleet-api');
  await db().pool.query(`update bindings set required = consumer_url is not null where credential_id = $1`, [
    credentialId,
  ]);
  const before = fs.readFileSync(sample.envFile('fleet-api'), 'utf8');
  const wish = { credentialId, graceSeconds: 86_400, graceAfterUseSeconds: 600 };
  const { rotationId } = await requestRotation(actor, wish);
  await advanceUntil(rotationId, (row) => row.phase === 'overlap');
  const again = () =>
    db()
      .pool.query(
        `update rotations set usage_looked_at = null, next_attempt_at = rekey_now() where id = $1 and hold is null`,
        [rotationId],
      )
      .then(() => {});
  let seen = await rowOf(rotationId);
  while (seen.newSeenAt === null) {
    await again();
    await advanceUntil(rotationId, () => true);
    seen = await rowOf(rotationId);
  }
  expect(seen.overlapEndsAt?.getTime()).toBe(seen.newSeenAt.getTime() + 600_000);

  // Somebody puts the old one back where the consumer reads it.
  fs.writeFileSync(sample.envFile('fleet-api'), before);
  const { consumerUrl } = await db().prisma.binding.findFirstOrThrow({
    where: { credentialId, consumerUrl: { not: null } },
  });
  const uses = async () => (await askConsumer(consumerUrl ?? ''))?.versionId;
  await expect.poll(uses, { timeout: 30_000 }).toBe(seen.fromVersion);
  await moveTime(process.env.DATABASE_URL ?? '', '1 hour');
  const held = await advanceUntil(rotationId, stopped);
  expect(held).toMatchObject({ phase: 'overlap', hold: 'usage_seen' });
});

test('no secret is issued where the issuer ends the old one sooner than a delivery usually takes', async () => {
  const graced = await importClient(sample, 'graced');
  const { credentialId } = graced;
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 120 });
  await db().pool.query('update rotations set delivery_seconds = 180 where id = $1', [rotationId]);
  const held = await advanceUntil(rotationId, stopped);
  expect(held).toMatchObject({ phase: 'preflight', hold: 'headroom_too_small' });
  expect(held.holdDetail).toContain('180 s, and 120 s would be left until the issuer ends the old secret');
  expect(await graced.live()).toHaveLength(1);
  await cancelRotation(actor, { rotationId });
  expect(await rowOf(rotationId)).toMatchObject({ outcome: 'cancelled' });
});

test('a scheduled rotation is held before anything changes where its window closes too soon; one by hand is not', async () => {
  const { credentialId } = client;
  const day = [0, 1, 2, 3, 4, 5, 6];
  await db().prisma.policy.updateMany({
    where: { name: 'Until seen' },
    data: { window: { days: day, from: '00:00', to: '23:59', timeZone: 'UTC' } },
  });
  const start = async (slot: Date | null) => {
    const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 60 });
    await db().pool.query('update rotations set slot = $2, delivery_seconds = 200000 where id = $1', [
      rotationId,
      slot,
    ]);
    return rotationId;
  };
  const scheduled = await start(new Date());
  const held = await advanceUntil(scheduled, stopped);
  expect(held).toMatchObject({ phase: 'preflight', hold: 'headroom_too_small' });
  expect(held.holdDetail).toContain('until its maintenance window closes');
  await cancelRotation(actor, { rotationId: scheduled });
  const byHand = await start(null);
  expect(await advanceUntil(byHand, (row) => row.phase === 'overlap')).toMatchObject({ hold: null });
});
