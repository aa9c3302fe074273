import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Actor, system } from '#core/access/actor.ts';
import { archiveBinding } from '#core/credentials/archive-binding.ts';
import { archiveCredential } from '#core/credentials/archive-credential.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { archiveIssuer } from '#core/issuers/archive-issuer.ts';
import { readRotation } from '#core/rotation/read-rotation.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { db } from '#lib/db.ts';
import { type Client, importClient } from '#tests/support/client.ts';
import { advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';

const actor = system('test');
const admin: Actor = { kind: 'user', id: 'u1', name: 'Ada', role: 'admin', stepUpAt: new Date() };
let sample: Sample;
let client: Client;
let first: string;

async function rotate(): Promise<string> {
  const { rotationId } = await requestRotation(actor, { credentialId: client.credentialId, graceSeconds: 0 });
  await advanceUntil(rotationId, ({ outcome }) => outcome === 'completed');
  return rotationId;
}

const read = () => readRotation(actor, { rotationId: first });

beforeAll(async () => {
  sample = await startSample();
  client = await importClient(sample, 'two-slots', { files: 1 });
  first = await rotate();
  await rotate();
});
afterAll(() => sample.close());

test('a target that is bound after a rotation has ended is none of its targets', async () => {
  const before = await read();
  expect(before.targets).toMatchObject([{ name: 'Env file (sample)', level: 'read_back' }]);
  const { id: targetId } = await db().prisma.target.findFirstOrThrow({ where: { kind: 'dotenv' } });
  const file = path.join(fs.mkdtempSync(path.join(sample.places.folder, 'later-')), '.env');
  await bindTarget(actor, {
    credentialId: client.credentialId,
    targetId,
    place: { path: file },
    fields: { clientSecret: 'SECRET' },
  });
  expect(await read()).toEqual({ ...before, lastEventId: expect.any(String) });
});

test('a target that was unbound since is still one of the rotation that delivered to it, and is none of a later one', async () => {
  const before = await read();
  const [target] = before.targets;
  await archiveBinding(actor, { bindingId: target?.bindingId ?? '' });
  const after = await read();
  expect(after.targets).toEqual([target]);
  expect(after.steps).toEqual(before.steps);
  expect(after.steps.map((step) => step.target)).toContain('Env file (sample)');
  const later = await readRotation(actor, { rotationId: await rotate() });
  expect(later.targets).toHaveLength(1);
  expect(later.targets[0]?.bindingId).not.toBe(target?.bindingId);
});

test('a rotation is told as it was also once its credential and its issuer are archived and their secrets erased', async () => {
  const before = await read();
  const { credentialId } = client;
  const { name, issuerId } = await db().prisma.credential.findUniqueOrThrow({ where: { id: credentialId } });
  await archiveCredential(admin, { credentialId, name });
  await db().prisma.credential.updateMany({ where: { issuerId }, data: { archivedAt: new Date() } });
  await archiveIssuer(admin, { issuerId });
  const after = await read();
  expect(after).toEqual(before);
  expect(after.targets).toMatchObject([{ name: 'Env file (sample)' }]);
  expect(after.actions.every(({ refusal }) => refusal === 'The rotation has ended.')).toBe(true);
});
