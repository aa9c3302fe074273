import fs from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { targetConnector } from '#connectors/registry.ts';
import { system } from '#core/access/actor.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { db } from '#lib/db.ts';
import { type Client, importClient } from '#tests/support/client.ts';
import { advanceThroughRetries, advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
let client: Client;
let targetId: string;
const actor = system('test');

beforeAll(async () => {
  sample = await startSample();
  targetId = (await db().prisma.target.findFirstOrThrow({ where: { kind: 'dotenv' } })).id;
});
afterAll(() => sample.close());
beforeEach(async () => {
  client = await importClient(sample, 'two-slots');
});
afterEach(() => {
  vi.restoreAllMocks();
});

function wish() {
  const file = path.join(fs.mkdtempSync(path.join(sample.places.folder, 'bound-')), '.env');
  const fields = { clientSecret: 'SECRET' };
  return { credentialId: client.credentialId, targetId, place: { path: file }, fields };
}

/** Does something once, in the middle of a call of the env file's connector. */
function inTheMiddleOf(call: 'confirm' | 'deliver', what: () => Promise<unknown>) {
  const connector = targetConnector('dotenv');
  const original = connector[call].bind(connector) as (...args: unknown[]) => Promise<never>;
  vi.spyOn(connector, call).mockImplementationOnce(async (...args: unknown[]) => {
    const answer = await original(...args);
    await what();
    return answer;
  });
}

test('a binding that a worker at its rotation would pass over is refused, the rotation is named, and nothing is written', async () => {
  const one = wish();
  const { credentialId } = client;
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 120 });
  let refusal: unknown;
  inTheMiddleOf('confirm', async () => {
    refusal = await bindTarget(actor, one).catch((error) => error);
  });
  await advanceUntil(rotationId, ({ phase }) => phase === 'overlap');
  expect(refusal).toMatchObject({ code: 'rotation_open', extra: { rotationId } });
  expect(fs.existsSync(one.place.path)).toBe(false);
  // The new version is in use: what is bound now has it, and keeps it when the old one is retired.
  await bindTarget(actor, one);
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
  expect(client.valueIn(one.place.path)).toBe(client.valueIn(client.files[0]));
});

test('a rotation that begins while the target is asked passes over no binding', async () => {
  const one = wish();
  const { credentialId } = client;
  const ids: string[] = [];
  inTheMiddleOf('deliver', async () => {
    ids.push((await requestRotation(actor, { credentialId, graceSeconds: 0 })).rotationId);
  });
  await expect(bindTarget(actor, one)).rejects.toMatchObject({ code: 'rotation_open' });
  await advanceThroughRetries(ids[0] ?? '');
  expect(await db().prisma.binding.count({ where: { credentialId, archivedAt: null } })).toBe(1);
});

test('a version that is replaced while the target is asked is not bound', async () => {
  const one = wish();
  const { credentialId } = client;
  inTheMiddleOf('deliver', async () => {
    const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 0 });
    expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
  });
  await expect(bindTarget(actor, one)).rejects.toMatchObject({ code: 'moved_on' });
  await bindTarget(actor, one);
  expect(client.valueIn(one.place.path)).toBe(client.valueIn(client.files[0]));
});

test('what waits for an approval may get another binding, and once it is approved it gets none before it has begun', async () => {
  const { credentialId } = client;
  const { rotationId } = await requestRotation(actor, { credentialId });
  const wait = (hold: string | null) =>
    db().prisma.rotation.update({ where: { id: rotationId }, data: { hold, approvalsNeeded: 1 } });
  await wait('approval_pending');
  await bindTarget(actor, wish());
  await wait(null);
  await expect(bindTarget(actor, wish())).rejects.toMatchObject({ code: 'rotation_open' });
});
