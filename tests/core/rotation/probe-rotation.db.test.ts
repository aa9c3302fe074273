import fs from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { probeRotation } from '#core/rotation/probe-rotation.ts';
import { db } from '#lib/db.ts';
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
  expect(found.map(({ subject, ok }) => [subject, ok])).toEqual([
    ['SurfaceScout (sample)', true],
    ['Env file (sample)', true],
    ['Env file (sample)', true],
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
  const [issuer, first, second] = await probe();
  expect(issuer).toMatchObject({ ok: false, message: expect.stringContaining(`not in use: ${id}.`) });
  expect(first).toMatchObject({ ok: false, message: expect.stringContaining('Env file (sample)') });
  expect(second).toMatchObject({ ok: true, message: null });
});

test('an issuer that refuses Rekey is told by what it refuses', async () => {
  await sample.fault({ clientId: 'two-slots', on: 'check', kind: 'status', status: 403 });
  const [issuer] = await probe();
  expect(issuer).toMatchObject({ ok: false, message: expect.stringMatching(/403|permission|refuse/i) });
});
