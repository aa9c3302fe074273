import fs from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { planRotation } from '#core/rotation/plan-rotation.ts';
import { probeRotation } from '#core/rotation/probe-rotation.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { type Client, importClient } from '#tests/support/client.ts';
import { type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
let client: Client;
const actor = system('test');

beforeAll(async () => {
  sample = await startSample();
  client = await importClient(sample, 'two-slots', { files: 2 });
});
afterAll(() => sample.close());

const probe = () => probeRotation(actor, { credentialId: client.credentialId });

test('before the click the issuer, its free slot and every target are asked, and nothing is changed', async () => {
  const before = client.files.map((file) => fs.readFileSync(file, 'utf8'));
  const found = await probe();
  expect(found.map(({ check, subject, ok }) => [check, subject, ok])).toEqual([
    ['issuer', 'SurfaceScout (sample)', true],
    ['slot', 'SurfaceScout (sample)', true],
    ['target', 'Env file (sample)', true],
    ['target', 'Env file (sample)', true],
    ['open_rotation', expect.stringContaining('two-slots'), true],
    ['pause', expect.stringContaining('two-slots'), true],
  ]);
  expect(client.files.map((file) => fs.readFileSync(file, 'utf8'))).toEqual(before);
  expect(await client.live()).toHaveLength(1);
  expect(await db().prisma.rotation.count()).toBe(0);
});

test('a full slot names the secret to remove, and a target that cannot be written is named', async () => {
  const answer = await fetch(`${sample.places.surfacescout}/admin/clients/two-slots/secrets`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sample.places.adminToken}`, 'content-type': 'application/json' },
    body: '{}',
  });
  const { id } = (await answer.json()) as { id: string };
  fs.appendFileSync(client.files[0] ?? '', 'this is no setting\n');
  const [issuer, slot, first, second] = await probe();
  expect(issuer).toMatchObject({ check: 'issuer', ok: true, message: null });
  expect(slot).toMatchObject({
    check: 'slot',
    ok: false,
    message: expect.stringContaining(`not in use: ${id}.`),
    fix: 'Remove at the issuer the secret that is not in use.',
  });
  expect(first).toMatchObject({
    ok: false,
    fix: expect.any(String),
    message: expect.stringContaining('Env file (sample)'),
  });
  expect(second).toMatchObject({ ok: true, message: null });
});

test('what earlier rotations left at the issuer fills no slot, because it is retired first', async () => {
  const [, left] = await client.live();
  const { credentialId } = client;
  const version = { credentialId, n: 2, sealed: '', fingerprint: 'f'.repeat(64), externalId: left?.id ?? '' };
  await db().prisma.secretVersion.create({ data: { id: newId(), state: 'previous', ...version } });
  expect((await probe()).find(({ check }) => check === 'slot')).toMatchObject({ ok: true });
});

test('an issuer that refuses Rekey is told by what it refuses', async () => {
  await sample.fault({ clientId: 'two-slots', on: 'check', kind: 'status', status: 403 });
  const [issuer] = await probe();
  expect(issuer).toMatchObject({ ok: false, message: expect.stringMatching(/403|permission|refuse/i) });
});

test('an open rotation stands in the way; a pause and the hours of the policy are said and do not', async () => {
  const { prisma } = db();
  const now = new Date();
  const policy = await prisma.policy.create({
    data: {
      name: 'Never now',
      intervalSeconds: 30 * 86_400,
      timeZone: 'UTC',
      graceSeconds: 3 * 86_400,
      blackouts: [
        {
          from: new Date(now.getTime() - 86_400_000).toISOString(),
          to: new Date(now.getTime() + 86_400_000).toISOString(),
          reason: 'Year end',
        },
      ],
    },
  });
  const { credentialId } = client;
  await prisma.policyAssignment.create({ data: { credentialId, policyId: policy.id } });
  await prisma.credential.update({ where: { id: credentialId }, data: { pausedAt: now } });
  await requestRotation(actor, { credentialId });
  const found = await probe();
  const of = (check: string) => found.find((one) => one.check === check);
  expect(of('open_rotation')).toMatchObject({ ok: false, required: true, fix: expect.any(String) });
  expect(of('pause')).toMatchObject({ ok: false, required: false });
  expect(of('hours')).toMatchObject({
    ok: false,
    required: false,
    message: 'A blackout of the policy Never now is in force.',
  });
});

test('without a length of its own a rotation keeps the old secret as long as its policy says', async () => {
  const { credentialId } = client;
  expect(await planRotation(actor, { credentialId })).toMatchObject({ graceSeconds: 3 * 86_400 });
  expect(await planRotation(actor, { credentialId, graceSeconds: 60 })).toMatchObject({ graceSeconds: 60 });
  const [row] = await db().prisma.rotation.findMany({ where: { credentialId } });
  expect(row?.graceSeconds).toBe(3 * 86_400);
});
