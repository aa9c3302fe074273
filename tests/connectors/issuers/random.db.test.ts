import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemRow } from '#app/_words/frame.ts';
import { system } from '#core/access/actor.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { listIssuers } from '#core/issuers/list-issuers.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { resumeRotation } from '#core/rotation/resume-rotation.ts';
import { rollBackRotation } from '#core/rotation/roll-back-rotation.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { db } from '#lib/db.ts';
import { rotateFully } from '#tests/interop/rotate-fully.ts';
import { moveTime } from '#tests/support/database.ts';
import { holdAt } from '#tests/support/hold-at.ts';
import { advanceUntil } from '#tests/support/sample.ts';

const actor = system('random');
const first = 'ab'.repeat(32);
let folder: string;

beforeAll(() => {
  // Read once, by the first use case; the folders that are made below it are then allowed too.
  const root = fs.realpathSync(os.tmpdir());
  process.env.REKEY_FILE_ROOTS = root;
  process.env.REKEY_DATA_DIR = path.join(root, 'no-data-here');
  folder = fs.mkdtempSync(path.join(root, 'rekey-random-'));
});

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

async function newIssuer(name: string): Promise<string> {
  return (await addIssuer(actor, { name, kind: 'random', config: {} })).id;
}

async function strategyOf(credentialId: string): Promise<string> {
  return (await db().prisma.rotation.findFirstOrThrow({ where: { credentialId } })).strategy;
}

test('where consumers read NEXT, a random value lies there before it is the one in use', async () => {
  const file = path.join(folder, 'app.env');
  const { id: credentialId } = await importCredential(actor, {
    name: 'session key',
    issuerId: await newIssuer('random next'),
    place: { format: 'hex', bytes: 32 },
    environment: 'test',
    fields: { secret: first },
  });
  const { id: targetId } = await addTarget(actor, { name: 'next env', kind: 'dotenv', config: {} });
  const fields = { secret: 'SESSION_KEY' };
  await bindTarget(actor, { credentialId, targetId, place: { path: file }, fields, readsNext: true });
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 0 });
  const later = () => moveTime(process.env.DATABASE_URL ?? '', '5 seconds');
  await holdAt(rotationId, 'issue');
  await advanceUntil(rotationId, ({ hold }) => hold !== null, later);
  expect(await strategyOf(credentialId)).toBe('prestage');
  const early = parseEnv(fs.readFileSync(file, 'utf8'));
  expect(early.SESSION_KEY).toBe(first);
  expect(early.SESSION_KEY_NEXT).toMatch(/^[0-9a-f]{64}$/);
  await resumeRotation(actor, { rotationId });
  const end = await advanceUntil(rotationId, (row) => row.outcome !== null || row.hold !== null, later);
  expect({ outcome: end.outcome, hold: end.hold }).toEqual({ outcome: 'completed', hold: null });
  expect(parseEnv(fs.readFileSync(file, 'utf8'))).toEqual({ SESSION_KEY: early.SESSION_KEY_NEXT });
});

test('two rotations in a row of a random value complete, each with a value of the right form', async () => {
  const now = await rotateFully({
    issuer: { kind: 'random', config: {}, place: { format: 'whsec', bytes: 32 } },
    fields: { secret: `whsec_${randomBytes(32).toString('base64')}` },
  });
  expect(now.secret).toMatch(/^whsec_[A-Za-z0-9+/]{42}A=$/);
  const { id } = await db().prisma.credential.findFirstOrThrow({ where: { name: 'random 1' } });
  expect(await strategyOf(id)).toBe('cut-over');
});

test('an old random value is retired and never called proven dead, because nobody can refuse it', async () => {
  const { prisma } = db();
  const old = await prisma.secretVersion.findMany({ where: { state: 'revoked' } });
  expect(old.length).toBe(3);
  expect(old.map((version) => version.provenDeadAt)).toEqual([null, null, null]);
  expect(await prisma.auditEvent.count({ where: { action: 'secret.proven_dead' } })).toBe(0);
});

test('where the one slot is named after the rotation, the way back sets the old value, and the next rotation completes', async () => {
  const file = path.join(folder, 'back.env');
  const { id: credentialId } = await importCredential(actor, {
    name: 'rolled back',
    issuerId: await newIssuer('random back'),
    place: { format: 'hex', bytes: 32 },
    environment: 'test',
    fields: { secret: first },
  });
  const { id: targetId } = await addTarget(actor, { name: 'back env', kind: 'dotenv', config: {} });
  await bindTarget(actor, {
    credentialId,
    targetId,
    place: { path: file },
    fields: { secret: 'SESSION_KEY' },
  });
  const later = () => moveTime(process.env.DATABASE_URL ?? '', '5 seconds');
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 0 });
  await holdAt(rotationId, 'prove');
  await advanceUntil(rotationId, ({ hold }) => hold !== null, later);
  expect(parseEnv(fs.readFileSync(file, 'utf8')).SESSION_KEY).not.toBe(first);
  await rollBackRotation(actor, { rotationId });
  const end = await advanceUntil(rotationId, (row) => row.outcome !== null || row.hold !== null, later);
  expect({ outcome: end.outcome, detail: end.holdDetail }).toEqual({ outcome: 'rolled_back', detail: null });
  expect(parseEnv(fs.readFileSync(file, 'utf8'))).toEqual({ SESSION_KEY: first });
  const next = await requestRotation(actor, { credentialId, graceSeconds: 0 });
  const done = await advanceUntil(next.rotationId, (row) => row.outcome !== null || row.hold !== null, later);
  expect({ outcome: done.outcome, detail: done.holdDetail }).toEqual({ outcome: 'completed', detail: null });
});

test('the first value is made here where nobody has one: it is sealed, delivered as it is bound, and rotates as any other', async () => {
  const file = path.join(folder, 'made.env');
  const wish = { name: 'made here', place: { format: 'hex', bytes: 32 }, environment: 'test', make: true };
  const { id: credentialId } = await importCredential(actor, {
    ...wish,
    issuerId: await newIssuer('random made'),
  });
  const { prisma } = db();
  const [version] = await prisma.secretVersion.findMany({ where: { credentialId } });
  expect(version).toMatchObject({ n: 1, state: 'current', externalId: `value#${version?.id}` });
  const { id: targetId } = await addTarget(actor, { name: 'made env', kind: 'dotenv', config: {} });
  await bindTarget(actor, {
    credentialId,
    targetId,
    place: { path: file },
    fields: { secret: 'SIGNING_KEY' },
  });
  const { SIGNING_KEY: made = '' } = parseEnv(fs.readFileSync(file, 'utf8'));
  expect(made).toMatch(/^[0-9a-f]{64}$/);
  const events = await prisma.auditEvent.findMany({ where: { action: 'credential.created' } });
  const [event] = events.filter(({ body }) => body.includes('made here'));
  expect(JSON.parse(event?.body ?? '{}')).toMatchObject({ made: true });
  expect(events.map(({ body }) => body).join()).not.toContain(made);
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 0 });
  const later = () => moveTime(process.env.DATABASE_URL ?? '', '5 seconds');
  const end = await advanceUntil(rotationId, (row) => row.outcome !== null || row.hold !== null, later);
  expect({ outcome: end.outcome, hold: end.hold }).toEqual({ outcome: 'completed', hold: null });
  expect(parseEnv(fs.readFileSync(file, 'utf8')).SIGNING_KEY).not.toBe(made);
});

test('an issuer at which a first value was made says so, and not that it accepted an imported one', async () => {
  const issuerId = await newIssuer('random checked');
  const wish = { place: {}, environment: 'test', issuerId };
  const of = async () => (await listIssuers(actor, {})).find(({ id }) => id === issuerId)?.checked?.by;
  await importCredential(actor, { ...wish, name: 'made and checked', make: true });
  expect(await of()).toBe('make');
  expect(systemRow.checked.make).not.toContain('imported');
  await importCredential(actor, {
    ...wish,
    name: 'pasted',
    place: { format: 'hex' },
    fields: { secret: first },
  });
  expect(await of()).toBe('import');
});

test('a first value is not made and given at once, nor where another system has the secret, and nothing is saved', async () => {
  const credentials = await db().prisma.credential.count();
  const issuerId = await newIssuer('random refused');
  const wish = { name: 'refused', place: {}, environment: 'test', make: true };
  for (const given of [{ fields: { secret: first } }, { readBack: true }, { externalId: 'value#1' }]) {
    await expect(
      importCredential(actor, { ...wish, issuerId, ...given }),
      JSON.stringify(given),
    ).rejects.toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining('not both. Nothing was saved.'),
    });
  }
  const { id: redis } = await addIssuer(actor, {
    name: 'a redis',
    kind: 'redis-acl',
    config: { host: '127.0.0.1', port: 1, user: 'default', password: 'x' },
  });
  await expect(
    importCredential(actor, { ...wish, issuerId: redis, place: { user: 'app' } }),
  ).rejects.toMatchObject({
    code: 'not_made_here',
    fields: { 'fields.password': expect.stringContaining('has a secret for this already') },
  });
  expect(await db().prisma.credential.count()).toBe(credentials);
});
