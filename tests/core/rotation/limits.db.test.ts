import { afterAll, beforeAll, expect, test } from 'vitest';
import { surfacescout } from '#connectors/issuers/surfacescout.ts';
import { webhook } from '#connectors/targets/webhook.ts';
import { system } from '#core/access/actor.ts';
import { Turn } from '#core/outside/turn.ts';
import { advance } from '#core/rotation/advance.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { db } from '#lib/db.ts';
import { advanceThroughRetries, type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
const actor = system('test');

beforeAll(async () => {
  // The sample vendor has no limits of its own; this file gives it some.
  Object.assign(surfacescout, { limits: { concurrency: 1 } });
  Object.assign(webhook, { limits: { concurrency: 1 } });
  sample = await startSample();
});
afterAll(() => sample.close());

const steps = (rotationId: string) => db().prisma.rotationStep.count({ where: { rotationId } });

test('while another worker has the only turn at the issuer, a rotation waits: nothing is asked, begun or counted', async () => {
  const credentialId = await sample.credentialId('fleet-api');
  const { issuerId } = await db().prisma.credential.findUniqueOrThrow({ where: { id: credentialId } });
  const other = new Turn(`issuers ${issuerId}`, 'SurfaceScout', { concurrency: 1 });
  expect(await other.take()).toBe(0);
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 0 });
  await advance(rotationId, () => {});
  const waiting = await db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId } });
  expect(waiting).toMatchObject({ phase: 'preflight', hold: null, outcome: null });
  const { rows } = await db().pool.query(
    'select next_attempt_at > rekey_now() as waits from rotations where id = $1',
    [rotationId],
  );
  expect(rows[0]).toEqual({ waits: true });
  expect(await steps(rotationId)).toBe(0);
  await other.leave();
  expect((await advanceThroughRetries(rotationId)).outcome).toBe('completed');
});

test('two rotations at an issuer with one turn both complete, each keeping no turn in the end', async () => {
  const ids = await Promise.all(
    (['fleet-api', 'report-builder'] as const).map(async (name) => {
      const credentialId = await sample.credentialId(name);
      return (await requestRotation(actor, { credentialId, graceSeconds: 0 })).rotationId;
    }),
  );
  const ended = await Promise.all(ids.map(advanceThroughRetries));
  expect(ended.map(({ outcome }) => outcome)).toEqual(['completed', 'completed']);
  const { rows } = await db().pool.query(
    'select count(*)::int as held from outside_turns where until > rekey_now()',
  );
  expect(rows[0]).toEqual({ held: 0 });
});

test('preflight waits for a turn at the targets too: a busy target fails no attempt', async () => {
  const credentialId = await sample.credentialId('fleet-api');
  const binding = await db().prisma.binding.findFirstOrThrow({
    where: { credentialId, target: { kind: 'webhook' } },
  });
  const other = new Turn(`targets ${binding.targetId}`, 'Receiver', { concurrency: 1 });
  expect(await other.take()).toBe(0);
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 0 });
  await advance(rotationId, () => {});
  expect(await steps(rotationId)).toBe(0);
  await other.leave();
  expect((await advanceThroughRetries(rotationId)).outcome).toBe('completed');
});
