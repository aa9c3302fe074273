import fs from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { createApiClient } from '#core/clients/create-api-client.ts';
import { cancelRotation } from '#core/rotation/cancel-rotation.ts';
import { db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { type Remote, startRemote } from '#tests/support/remote.ts';
import { type Sample, startSample } from '#tests/support/sample.ts';

/* The rekey command in a process of its own, which knows an address, an API client and nothing of the server. */

let remote: Remote;
let sample: Sample;
let url: string;
let home: string;
let client: { id: string; secret: string };
/** How many answers to a request for a rotation are lost on the way, after it was done. */
let answersToLose = 0;

beforeAll(async () => {
  remote = await startRemote();
  ({ url, home } = remote);
  remote.losesAnswer = (request) => {
    if (request.method !== 'POST' || !request.url?.endsWith('/rotations') || answersToLose === 0)
      return false;
    answersToLose -= 1;
    return true;
  };
  sample = await startSample();
  const made = await createApiClient(system('test'), { name: 'pipeline', role: 'operator' });
  client = { id: made.id, secret: made.secret?.expose() ?? '' };
});

const startWorker = () => remote.work();

afterEach(() => remote.rest());
afterAll(async () => {
  await remote?.close();
  await sample?.close();
});

const rekey = (...asked: Parameters<Remote['rekey']>) => remote.rekey(...asked);

const asClient = () => ({
  REKEY_API_URL: url,
  REKEY_CLIENT_ID: client.id,
  REKEY_CLIENT_SECRET: client.secret,
});

const rotationsOf = async (name: 'fleet-api' | 'survey-importer' | 'report-builder' | 'partner-portal') =>
  db().prisma.rotation.findMany({
    where: { credentialId: await sample.credentialId(name) },
    orderBy: { id: 'asc' },
  });

test('without a login it says what to do, and a secret is sent to no address that others can listen to', async () => {
  const { code, complained } = await rekey(['credentials', 'list']);
  expect(code).toBe(1);
  expect(complained).toContain('Nobody is logged in here.');
  const open = await rekey(['credentials', 'list'], { ...asClient(), REKEY_API_URL: 'http://192.0.2.1' });
  expect(open.complained).toContain('is not an address that a secret can be sent to');
  const half = await rekey(['credentials', 'list'], { REKEY_API_URL: url });
  expect(half.complained).toContain('REKEY_CLIENT_ID and REKEY_CLIENT_SECRET is not set');
});

test('login keeps a secret that was accepted in a file for its owner only; a refused one is not kept', async () => {
  const args = ['login', '--url', url, '--client-id', client.id];
  const file = path.join(home, 'rekey', 'login.json');
  const refused = await rekey(args, {}, 'not-the-secret\n');
  expect(refused.code).toBe(1);
  expect(refused.complained).toContain('Signing in was refused');
  expect(fs.existsSync(file)).toBe(false);
  const { code, said, complained } = await rekey(args, {}, `${client.secret}\n`);
  expect({ code, complained }).toEqual({ code: 0, complained: '' });
  expect(said).not.toContain(client.secret);
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  const listed = await rekey(['credentials', 'list']);
  expect(listed.code).toBe(0);
  expect(listed.said).toMatch(/^NAME +ENVIRONMENT/);
  expect(listed.said).toMatch(/^fleet-api +production +SurfaceScout \(sample\) +v1 +2 of 2$/m);
  fs.writeFileSync(file, `{"clientSecret":"${client.secret}"`);
  const broken = await rekey(['credentials', 'list']);
  expect(broken.complained).toBe(`${file} is not what rekey login wrote. Log in again.\n`);
  fs.chmodSync(file, 0o644);
  expect((await rekey(['credentials', 'list'])).complained).toContain('others on this machine may read it');
  fs.rmSync(file);
});

test('plan says what a rotation would do, and nothing is changed', async () => {
  const { code, said } = await rekey(['plan', 'fleet-api', '--grace', 'PT3H'], asClient());
  expect(code).toBe(0);
  expect(said).toMatch(/^fleet-api at SurfaceScout \(sample\): overlap\n/);
  expect(said).toContain('The old version is kept for PT3H.');
  expect(await rotationsOf('fleet-api')).toEqual([]);
});

test('rotate --wait follows by phase and ends with 0 in the overlap; the same command again finds it open', async () => {
  const old = sample.secretInFile('fleet-api');
  startWorker();
  const args = ['rotate', 'fleet-api', '--grace', 'PT1H', '--reason', 'a release', '--wait'];
  const { code, said, complained } = await rekey(args, asClient());
  expect({ code, complained }).toEqual({ code: 0, complained: '' });
  expect(said).toMatch(/^Requested: rotation \S+, overlap\n/);
  const phases = said.split('\n').filter((line) => line.startsWith('  '));
  expect(phases).toEqual(expect.arrayContaining(['  issue', '  verify', '  deliver', '  overlap']));
  expect(said).toContain('The new version is in use. The old one works until ');
  expect(sample.secretInFile('fleet-api')).not.toBe(old);
  const again = await rekey(args, asClient());
  expect(again.code).toBe(0);
  expect(again.said).toMatch(/^Already under way: rotation /);
  const other = await rekey(['rotate', 'fleet-api', '--grace', 'PT9H'], asClient());
  expect(other.code).toBe(1);
  expect(other.complained).toContain('is already');
  expect(await rotationsOf('fleet-api')).toHaveLength(1);
});

test('a request whose answer was lost is sent again, and makes one rotation', async () => {
  answersToLose = 2;
  const { code, said } = await rekey(['rotate', 'report-builder'], asClient());
  expect({ code, left: answersToLose }).toEqual({ code: 0, left: 0 });
  const rotations = await rotationsOf('report-builder');
  expect(rotations).toHaveLength(1);
  const [{ id, strategy } = { id: '', strategy: '' }] = rotations;
  expect(said).toBe(`Requested: rotation ${id}, ${strategy}\nTo look at it: rekey rotations show ${id}\n`);
});

test('rotate --wait ends with 3 where the rotation is cancelled, and with 2 where it waits for a person', async () => {
  const run = rekey(['rotate', 'survey-importer', '--wait'], asClient());
  await expect.poll(() => rotationsOf('survey-importer'), { timeout: 40_000 }).toHaveLength(1);
  const [{ id: rotationId } = { id: '' }] = await rotationsOf('survey-importer');
  await cancelRotation(system('test'), { rotationId });
  const cancelled = await run;
  expect(cancelled.code).toBe(3);
  expect(cancelled.complained).toBe(
    "The rotation of survey-importer was cancelled.\nNothing outside was changed: v1 stays current.\nTo rotate it after all: rekey rotate 'survey-importer' --wait\n",
  );
  startWorker();
  const held = await rekey(['rotate', 'partner-portal', '--wait'], asClient());
  expect(held.complained).toContain('It waits for a person: ');
  expect(held.code).toBe(2);
});

test('a credential is found by its name or its id by asking for it, however many there are', async () => {
  const others = Array.from({ length: 150 }, (_, n) => `aa-${n}`);
  await db().pool.query(
    `insert into credentials (id, name, issuer_id, place, environment)
     select gen_random_uuid(), name, (select id from issuers limit 1), jsonb_build_object('clientId', name), 'production'
       from unnest($1::text[]) name`,
    [others],
  );
  const asked: string[] = [];
  remote.losesRequest = ({ url = '' }) => {
    if (/\/credentials(\?|\/[\w-]+$)/.test(url)) asked.push(url);
    return false;
  };
  const id = await sample.credentialId('fleet-api');
  expect(await rekey(['plan', 'fleet-api'], asClient())).toMatchObject({ code: 0 });
  expect(asked).toHaveLength(1);
  expect(await rekey(['plan', id], asClient())).toMatchObject({ code: 0 });
  expect(asked).toHaveLength(3);
  expect((await rekey(['plan', newId()], asClient())).complained).toContain('There is no credential called');
  remote.losesRequest = () => false;
});

test('a refusal is the sentence of the API, and the exit code is 1', async () => {
  const none = await rekey(['rotate', 'nobody', '--wait'], asClient());
  expect(none.code).toBe(1);
  expect(none.complained).toContain('There is no credential called nobody');
  const wrong = await rekey(['plan', 'fleet-api', '--grace', 'P1M'], asClient());
  expect(wrong.code).toBe(1);
  expect(wrong.complained).toContain('gracePeriod: ');
  const elsewhere = await rekey(['plan', 'fleet-api'], { ...asClient(), REKEY_CLIENT_SECRET: 'wrong' });
  expect(elsewhere.complained).toContain('Signing in was refused');
});

const asAuditor = async () => {
  const made = await createApiClient(system('test'), { name: `auditor-${Date.now()}`, role: 'auditor' });
  return { ...asClient(), REKEY_CLIENT_ID: made.id, REKEY_CLIENT_SECRET: made.secret?.expose() ?? '' };
};

test('audit export writes what fits, as the API streams it, to a new file for its owner only', async () => {
  const auditor = await asAuditor();
  const file = path.join(home, 'events.jsonl');
  const args = ['audit', 'export', '--query', 'action:credential.created'];
  const ended = await rekey([...args, '--from', '2026-01-01', '-o', file], auditor);
  expect(ended).toEqual({ code: 0, said: '', complained: '' });
  const actions = fs
    .readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).body.action);
  const stored = await db().pool.query(`select from audit_events where action = 'credential.created'`);
  expect(actions.length).toBe(stored.rowCount);
  expect(new Set(actions)).toEqual(new Set(['credential.created']));
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  const again = await rekey([...args, '-o', file], auditor);
  expect(again).toMatchObject({ code: 1, complained: `${file} is there already. Nothing was exported.\n` });
  const before = await rekey([...args, '--to', '2020-01-01', '--format', 'csv'], auditor);
  expect(before.code).toBe(0);
  expect(before.said).toMatch(/^"id","at",[^\n]*\r\n$/);
});

test('audit export ends with 1 and leaves no file where it may not, is not understood or breaks off', async () => {
  const auditor = await asAuditor();
  const file = path.join(home, 'none.jsonl');
  const args = ['audit', 'export', '-o', file];
  const refused = await rekey(args, asClient());
  expect(refused).toMatchObject({ code: 1, complained: expect.stringContaining('auditor or admin') });
  const wrong = await rekey([...args, '--query', 'colour:red'], auditor);
  expect(wrong).toMatchObject({ code: 1, complained: expect.stringContaining('colour') });
  remote.breaksOff = (request) => request.url?.includes('/export') ?? false;
  const broken = await rekey(args, auditor);
  remote.breaksOff = () => false;
  expect(broken).toMatchObject({ code: 1, complained: `${url} broke off in the middle of its answer.\n` });
  expect(fs.readdirSync(home).filter((name) => name.startsWith('none'))).toEqual([]);
});
