import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { auditActor, system } from '#core/access/actor.ts';
import type { ListItem } from '#core/backup/list-item.ts';
import { restoreBackup } from '#core/backup/restore-backup.ts';
import { writeBackup } from '#core/backup/write-backup.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { unpauseCredential } from '#core/credentials/unpause-credential.ts';
import { advance } from '#core/rotation/advance.ts';
import { claim } from '#core/rotation/commit-step.ts';
import { findDueRotations } from '#core/rotation/find-due-rotations.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { createUser } from '#core/users/create-user.ts';
import { db } from '#lib/db.ts';
import { type Child, startChild } from '#scripts/launcher/children.ts';
import { type Receiver, receiver } from '#tests/core/evidence/receiver.ts';
import { type Client, importClient } from '#tests/support/client.ts';
import { dropPlain, type PlainDatabase, plainDatabase, use } from '#tests/support/restored.ts';
import { advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';

/*
 * An old backup, restored after everything in it was rotated twice, beside the vendor and the targets that have moved on. The worker is
 * the one of production.
 */

const actor = system('test');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-restored-'));
const file = path.join(folder, 'old.backup');
const databases: PlainDatabase[] = [];
let sample: Sample;
let readable: { credentialId: string; file: string };
/** Stands in a gap when the backup is made: its new secret is issued, and no target has it. */
let stuck: Client;
let worker: Child | undefined;
/** Where the worker streams the audit log to. */
let siem: Receiver;

const rotated = ['fleet-api', 'survey-importer', 'report-builder'] as const;

async function rotate(credentialId: string): Promise<void> {
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 0 });
  const { outcome } = await advanceUntil(rotationId, (row) => row.outcome !== null || row.hold !== null);
  expect(outcome).toBe('completed');
}

async function importReadable() {
  const issuer = await db().prisma.issuer.findFirstOrThrow({ where: { kind: 'surfacescout' } });
  const target = await db().prisma.target.findFirstOrThrow({ where: { kind: 'dotenv' } });
  const place = { clientId: 'map-tiles', maxLive: 2, list: true, readBack: true };
  const { id: credentialId } = await importCredential(actor, {
    name: 'map-tiles',
    issuerId: issuer.id,
    place,
    environment: 'test',
    fields: { clientId: 'map-tiles' },
    readBack: true,
  });
  const env = path.join(sample.places.folder, 'map-tiles', '.env');
  fs.mkdirSync(path.dirname(env));
  const fields = { clientSecret: 'SECRET', versionId: 'VERSION' };
  await bindTarget(actor, { credentialId, targetId: target.id, place: { path: env }, fields });
  return { credentialId, file: env };
}

const lockOf = (env = '') => path.join(path.dirname(env), `.${path.basename(env)}.rekey`);

/** Everything that targets hold: no delivery leaves it as it was. */
const held = () => ({
  files: [
    ...rotated.map((name) => fs.readFileSync(sample.envFile(name), 'utf8')),
    fs.readFileSync(sample.envFile('partner-portal'), 'utf8'),
    fs.readFileSync(stuck.files[0] ?? '', 'utf8'),
  ],
  received: sample.received,
});

const valueIn = (env: string, key = 'SECRET') =>
  new RegExp(`^${key}=(.*)$`, 'm').exec(fs.readFileSync(env, 'utf8'))?.[1] ?? '';

async function accepted(clientId: string, secret: string): Promise<boolean> {
  const answer = await fetch(`${sample.places.surfacescout}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  return answer.ok;
}

async function restore(what: string): Promise<PlainDatabase> {
  const database = await plainDatabase(what);
  databases.push(database);
  use(database);
  await restoreBackup(file, { ownerUrl: database.ownerUrl, app: db(), actor: auditActor(actor) });
  return database;
}

async function startWorker(): Promise<void> {
  const stream = `syslog+tcp://127.0.0.1:${siem.port}`;
  const env = { ...process.env, REKEY_LOG_LEVEL: 'warn', REKEY_AUDIT_STREAM: stream };
  worker = await startChild('worker', 'workers/main.ts', { env, logDir: path.join(folder, 'logs') });
}

/** The worker has beaten twice more: in between it has looked for work at least nine times. */
async function workerHasLooked(): Promise<void> {
  const beats = async () =>
    (await db().pool.query<{ at: Date }>('select max(seen_at) as at from workers')).rows[0]?.at.getTime() ??
    0;
  for (let beat = 0, last = await beats(); beat < 2; beat += 1) {
    await expect.poll(beats, { timeout: 30_000 }).toBeGreaterThan(last);
    last = await beats();
  }
}

async function rekey(...args: string[]): Promise<{ code: number; said: string }> {
  const run = promisify(execFile)(process.execPath, ['cli/rekey.mjs', ...args], { env: process.env });
  return run.then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      said: stdout + stderr,
    }),
  );
}

beforeAll(async () => {
  siem = await receiver();
  const source = await plainDatabase('world');
  databases.push(source);
  use(source);
  sample = await startSample();
  await createUser(actor, { email: 'ada@example.test', name: 'Ada', role: 'admin' });
  await createUser(actor, { email: 'eve@example.test', name: 'Eve', role: 'operator' });
  readable = await importReadable();
  stuck = await importClient(sample, 'single-listed');
  const { rotationId } = await requestRotation(actor, { credentialId: stuck.credentialId });
  const lock = lockOf(stuck.files[0]);
  await advance(rotationId, () => fs.writeFileSync(lock, 'another delivery is writing'));
  const inGap = await db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId } });
  expect(inGap).toMatchObject({ phase: 'deliver', outcome: null, gapEndedAt: null });

  const policy = await db().prisma.policy.create({
    data: { name: 'monthly', intervalSeconds: 2_592_000, timeZone: 'UTC', graceSeconds: 0 },
  });
  const past = new Date(Date.now() - 60_000);
  const credentialId = await sample.credentialId('fleet-api');
  const due = { credentialId, policyId: policy.id, slot: past, dueAt: past };
  await db().prisma.policyAssignment.create({ data: due });
  await writeBackup(file);
  await db().prisma.policyAssignment.deleteMany();

  fs.rmSync(lock);
  await db().pool.query('update rotations set next_attempt_at = rekey_now() where id = $1', [rotationId]);
  await advanceUntil(rotationId, ({ outcome }) => outcome !== null);
  for (let n = 0; n < 2; n += 1) {
    for (const name of rotated) await rotate(await sample.credentialId(name));
    await rotate(readable.credentialId);
    await rotate(stuck.credentialId);
  }
});

afterEach(async () => {
  await worker?.stop(5000);
  worker = undefined;
});

afterAll(async () => {
  await siem.close();
  await sample.close();
  for (const database of databases) await dropPlain(database);
  fs.rmSync(folder, { recursive: true, force: true });
});

const itemsByName = (said: string) => {
  const { list } = JSON.parse(said) as { list: ListItem[] };
  return new Map(list.map((item) => [item.credential.replace(/ \d+$/, ''), item]));
};

test('an old backup that is restored after two rotations delivers no dead secret, before it is resumed nor after', {
  timeout: 240_000,
}, async () => {
  await restore('restored');
  // It stood in a gap when the backup was made, and would go on through the usual pause.
  const open = await db().prisma.rotation.findFirstOrThrow({ where: { outcome: null } });
  expect(open.gapStartedAt).not.toBeNull();
  expect(await claim(open.id)).toBeNull();
  expect(await findDueRotations(10)).toEqual([]);
  const before = held();
  const readableBefore = fs.readFileSync(readable.file, 'utf8');
  await startWorker();
  await db().pool.query(`update credentials set drift_at = rekey_now() - interval '1 day'`);
  await workerHasLooked();
  expect(held()).toEqual(before);
  expect(
    await db().prisma.rotation.count({
      where: { createdAt: { gt: new Date(Date.now() - 600_000) }, outcome: { not: null } },
    }),
  ).toBe(0);
  expect(await db().prisma.skip.count()).toBe(0);
  expect(siem.messages(), 'the audit stream rests, too').toEqual([]);
  expect(
    await db().pool.query(`select 1 from credentials where drift_at > rekey_now() - interval '1 hour'`),
  ).toMatchObject({ rowCount: 0 });

  expect(await rekey('resume', '--after-restore', '--yes', '--admin', 'ada@example.test')).toMatchObject({
    code: 1,
    said: expect.stringContaining('There is no list yet'),
  });
  const { code, said } = await rekey('resume', '--after-restore', '--json');
  expect({ code, said }).toMatchObject({ code: 0 });
  for (const name of rotated) expect(said).not.toContain(sample.secretInFile(name));
  const items = itemsByName(said);
  const outcomes = [...items].map(([name, { outcome, version }]) => [name, outcome, version]);
  expect(outcomes.toSorted()).toEqual([
    ['fleet-api', 'unproven', 1],
    ['map-tiles', 'imported', 2],
    ['partner-portal', 'same', 1],
    ['report-builder', 'unproven', 1],
    ['single-listed', 'unproven', 2],
    ['survey-importer', 'unproven', 1],
  ]);
  expect(items.get('fleet-api')?.sentence).toContain('refuses v1: it was replaced after the backup');
  expect(items.get('single-listed')?.sentence).toContain('A rotation was under way when the backup was made');
  // The one that was read back is the one in use; its target learned under which version it is known here, and nothing else.
  const value = valueIn(readable.file);
  expect(readableBefore).toContain(value);
  expect(await accepted('map-tiles', value)).toBe(true);
  const current = await db().prisma.secretVersion.findFirstOrThrow({
    where: { credentialId: readable.credentialId, state: 'current' },
  });
  expect(valueIn(readable.file, 'VERSION')).toBe(current.id);
  expect(held()).toEqual(before);

  const resume = (admin: string) => rekey('resume', '--after-restore', '--yes', '--admin', admin);
  expect(await resume('eve@example.test')).toMatchObject({
    code: 1,
    said: expect.stringContaining('none here'),
  });
  const resumed = await resume('ada@example.test');
  expect(resumed).toMatchObject({
    code: 0,
    said: expect.stringContaining('Everything goes on but fleet-api'),
  });
  await expect
    .poll(
      () =>
        db().prisma.credential.count({
          where: { pausedAt: null, driftAt: { lt: new Date(Date.now() - 3_600_000) } },
        }),
      { timeout: 30_000 },
    )
    .toBe(0);
  await expect
    .poll(() => db().prisma.skip.findMany({ select: { reason: true } }), { timeout: 30_000 })
    .toEqual([{ reason: 'paused' }]);
  await workerHasLooked();
  expect(held()).toEqual(before);
  for (const name of rotated)
    expect((await sample.askToken(name, sample.secretInFile(name))).status).toBe(200);
  expect(await stuck.accepts(stuck.valueIn(stuck.files[0]))).toBe(true);
  const found = await db().prisma.finding.findMany({ where: { clearedAt: null }, select: { kind: true } });
  expect(found.map(({ kind }) => kind)).toEqual(Array.from({ length: 4 }, () => 'after_restore'));

  // What stayed paused is put right by one rotation.
  const credentialId = await sample.credentialId('fleet-api');
  await unpauseCredential(actor, { credentialId });
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 0 });
  await expect
    .poll(async () => (await db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId } })).outcome, {
      timeout: 30_000,
    })
    .toBe('completed');
  expect((await sample.askToken('fleet-api', sample.secretInFile('fleet-api'))).status).toBe(200);
  await expect
    .poll(() => siem.messages().join('\n'), { timeout: 30_000 })
    .toMatch(/ seq="1" [\s\S]* action="database\.restored" [\s\S]* action="database\.resumed" /);
  const events = await db().prisma.auditEvent.findMany({
    where: { action: { startsWith: 'database.' } },
    orderBy: { id: 'asc' },
  });
  expect(events.map(({ action }) => action)).toEqual([
    'database.restored',
    'database.compared',
    'database.resumed',
  ]);
  expect(JSON.parse(events[2]?.body ?? '')).toMatchObject({ readBy: 'ada@example.test', unproven: 4 });
});

test('what cannot be asked or opened after a restore stays paused, keeps nothing else from going on, and goes on once it is proven', async () => {
  await restore('unreachable');
  const { pool } = db();
  const set = (text: string, values: unknown[]) => pool.query(`update ${text}`, values);
  const issuer = await db().prisma.issuer.findFirstOrThrow({ where: { kind: 'surfacescout' } });
  const nowhere = JSON.stringify({ ...(issuer.config as object), baseUrl: 'http://127.0.0.1:9' });
  await set('issuers set config = $2 where id = $1', [issuer.id, nowhere]);
  const lost = await sample.credentialId('survey-importer');
  const seal = `secret_versions set sealed = replace(sealed, $2, $3) where credential_id = $1`;
  await set(seal, [lost, 'v1.m1.', 'v1.m0.']);
  const before = held();
  const compare = async () => {
    const { code, said } = await rekey('resume', '--after-restore', '--json');
    expect({ code, said }).toMatchObject({ code: 0 });
    return itemsByName(said);
  };
  const first = await compare();
  const paused = async (name: string) =>
    (await db().prisma.credential.findFirstOrThrow({ where: { name } })).pausedAt !== null;
  expect(first.get('partner-portal')).toMatchObject({ outcome: 'same' });
  expect(first.get('map-tiles')).toMatchObject({
    ...{ outcome: 'unproven', sentence: expect.stringContaining('So it is not known whether') },
  });
  expect(first.get('survey-importer')).toMatchObject({
    ...{ outcome: 'unproven', sentence: expect.stringContaining('the master key "m0"') },
  });
  expect(await paused('map-tiles')).toBe(true);
  await set('issuers set config = $2 where id = $1', [issuer.id, JSON.stringify(issuer.config)]);
  await set(seal, [lost, 'v1.m0.', 'v1.m1.']);
  const second = await compare();
  expect(second.get('map-tiles')).toMatchObject({ outcome: 'imported' });
  expect(second.get('survey-importer')?.sentence).toContain('refuses v1: it was replaced after the backup');
  expect(await paused('map-tiles')).toBe(false);
  expect(held()).toEqual(before);
});

test('the control: the same backup delivers a dead secret where nothing keeps it at rest', async () => {
  await restore('control');
  await db().pool.query('delete from standstill where id = 2');
  const before = stuck.valueIn(stuck.files[0]);
  await startWorker();
  await expect.poll(() => stuck.valueIn(stuck.files[0]), { timeout: 30_000 }).not.toBe(before);
  expect(await stuck.accepts(stuck.valueIn(stuck.files[0]))).toBe(false);
});
