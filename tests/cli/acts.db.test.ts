import fs from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { system } from '#core/access/actor.ts';
import { createApiClient } from '#core/clients/create-api-client.ts';
import { confirmBreakGlass } from '#core/rotation/confirm-break-glass.ts';
import { resumeRotation } from '#core/rotation/resume-rotation.ts';
import { databaseTime } from '#lib/clock.ts';
import { db } from '#lib/db.ts';
import { type Client, importClient } from '#tests/support/client.ts';
import { holdAt } from '#tests/support/hold-at.ts';
import { type Remote, startRemote } from '#tests/support/remote.ts';
import { advanceThroughRetries, advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';
import { makeUser } from '#tests/support/users.ts';

/* Commands that act on a rotation in trouble and succeed, in processes of their own that know the API and nothing else. */

// Each command is a process that loads everything anew: several in a test take long on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

let remote: Remote;
let sample: Sample;
let env: Record<string, string>;
let client: Client;
let name: string;

beforeAll(async () => {
  remote = await startRemote();
  sample = await startSample();
  const { id, secret } = await createApiClient(system('test'), { name: 'pipeline', role: 'operator' });
  env = { REKEY_API_URL: remote.url, REKEY_CLIENT_ID: id, REKEY_CLIENT_SECRET: secret?.expose() ?? '' };
  client = await importClient(sample, 'two-slots', { files: 2 });
  const where = { id: client.credentialId };
  ({ name } = await db().prisma.credential.findUniqueOrThrow({ where }));
});
afterAll(async () => {
  await remote?.close();
  await sample?.close();
});

const rekey = (...args: string[]) => remote.rekey(args, env);
const newest = () =>
  db().prisma.rotation.findFirstOrThrow({
    where: { credentialId: client.credentialId },
    orderBy: { id: 'desc' },
  });

/** One that is held because its second file cannot be written, which a folder in its place sees to. */
async function beginHeld(): Promise<{ id: string; mend(): void }> {
  expect((await rekey('rotate', name, '--grace', '1h')).code).toBe(0);
  const { id } = await newest();
  // Preflight finds a target that cannot be written: this one becomes so later.
  await holdAt(id, 'verify');
  await advanceUntil(id, ({ hold }) => hold !== null);
  await resumeRotation(system('test'), { rotationId: id });
  const file = client.files[1] ?? '';
  fs.renameSync(file, `${file}.kept`);
  fs.mkdirSync(file);
  expect(await advanceThroughRetries(id)).toMatchObject({ phase: 'deliver', hold: 'delivery_exhausted' });
  return {
    id,
    mend: () => {
      fs.rmdirSync(file);
      fs.renameSync(`${file}.kept`, file);
    },
  };
}

/** The binding of the second file: both are of one target, so it has to be named by its id. */
async function secondBinding(): Promise<string> {
  const place = { path: ['path'], equals: client.files[1] ?? '' };
  return (await db().prisma.binding.findFirstOrThrow({ where: { place } })).id;
}

async function finish(id: string): Promise<void> {
  expect((await rekey('rotations', 'revoke-now', id, '--yes')).code).toBe(0);
  expect(await advanceThroughRetries(id)).toMatchObject({ outcome: 'completed' });
}

test('plan and rotate take --grace-after-use, and the rotation keeps it', async () => {
  const wish = ['--grace', '4h', '--grace-after-use', '1h'];
  const planned = await rekey('plan', name, ...wish);
  expect(planned).toMatchObject({ code: 0, complained: '' });
  expect(planned.said).toContain('The old version is kept for PT4H.\n');
  expect(planned.said).toContain(
    'It is kept for PT1H after the new one was seen in use, where that is sooner.\n',
  );
  const json = await rekey('plan', name, ...wish, '--json');
  expect(JSON.parse(json.said)).toMatchObject({ gracePeriod: 'PT4H', graceAfterUse: 'PT1H' });
  const begun = await rekey('rotate', name, ...wish, '--json');
  expect(begun.code).toBe(0);
  expect(JSON.parse(begun.said)).toMatchObject({ gracePeriod: 'PT4H', graceAfterUse: 'PT1H' });
  const row = await newest();
  expect(row).toMatchObject({ graceSeconds: 4 * 3600, graceAfterUseSeconds: 3600 });
  await advanceUntil(row.id, ({ phase }) => phase === 'overlap');
  await finish(row.id);
});

test('retry --target delivers again to the target that is named, and the rotation goes on', async () => {
  const { id, mend } = await beginHeld();
  mend();
  const both = await rekey('rotations', 'retry', id, '--target', 'Env file (sample)');
  expect(both).toMatchObject({ code: 1, complained: expect.stringContaining('more than one target called') });
  const { code, said, complained } = await rekey('rotations', 'retry', id, '--target', await secondBinding());
  expect({ code, complained }).toEqual({ code: 0, complained: '' });
  expect(said).toContain(`${name}: It is delivered again.\n`);
  remote.work();
  const waited = await rekey('rotations', 'wait', id);
  await remote.rest();
  expect(waited).toMatchObject({ code: 0, complained: '' });
  // What had failed before it was delivered again is not told as a failure of now.
  expect(waited.said).not.toContain('failed');
  expect(client.valueIn(client.files[1])).toBe(client.valueIn(client.files[0]));
  await finish(id);
});

test('confirm vouches for a target by its id with a reason, and the rotation goes on to its overlap', async () => {
  const { id, mend } = await beginHeld();
  const args = ['rotations', 'confirm', id, '--target', await secondBinding()];
  expect((await rekey(...args, '--yes')).complained).toContain('Say why with --reason');
  const unsaid = await rekey(...args, '--reason', 'put there by hand');
  expect(unsaid).toMatchObject({ code: 1, complained: expect.stringContaining('say --yes') });
  const given = await rekey(...args, '--reason', 'put there by hand', '--yes');
  expect(given).toMatchObject({ code: 0, said: expect.stringContaining(`${name}: Confirmed by hand.\n`) });
  expect(given.complained).toContain('You vouch that the target has the secret.');
  await advanceUntil(id, ({ phase }) => phase === 'overlap');
  mend();
  await finish(id);
});

test('break-glass asks a second person, and once one has confirmed it the old secret is revoked', async () => {
  const old = client.valueIn(client.files[0]);
  const { id: adminId } = await makeUser('admin');
  const { id, mend } = await beginHeld();
  const args = ['rotations', 'break-glass', id, '--reason', 'it is in a public log'];
  expect((await rekey(...args)).complained).toContain('every consumer that has not got v');
  expect(await db().prisma.glassBreak.count()).toBe(0);
  const asked = await rekey(...args, '--yes');
  expect(asked.code).toBe(0);
  expect(asked.said).toMatch(
    new RegExp(`^${name}: Asked\\. A second person confirms it until \\S+Z: ${remote.url}/approvals\n`),
  );
  expect(await client.accepts(old)).toBe(true);
  const again = await rekey(...args, '--yes');
  expect(again).toMatchObject({ code: 1, complained: expect.stringContaining('waits for a second person') });
  const { id: askId } = await db().prisma.glassBreak.findFirstOrThrow({ where: { rotationId: id } });
  const admin = { kind: 'user', id: adminId, name: 'Ada', role: 'admin' } as const;
  await confirmBreakGlass({ ...admin, stepUpAt: await databaseTime() }, { rotationId: id, askId });
  remote.work();
  const waited = await rekey('rotations', 'show', id, '--watch');
  await remote.rest();
  mend();
  expect(waited).toMatchObject({ code: 0, complained: '' });
  expect(await client.accepts(old)).toBe(false);
});
