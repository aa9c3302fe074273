import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { targetConnector } from '#connectors/registry.ts';
import { system } from '#core/access/actor.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { readCredential } from '#core/credentials/read-credential.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { listTargets } from '#core/targets/list-targets.ts';
import { db } from '#lib/db.ts';
import { type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
let credentialId: string;
let targetId: string;
const actor = system('test');

beforeAll(async () => {
  sample = await startSample();
  credentialId = await sample.credentialId('survey-importer');
  targetId = (await db().prisma.target.findFirstOrThrow({ where: { kind: 'dotenv' } })).id;
});
afterAll(() => sample.close());
afterEach(() => {
  vi.restoreAllMocks();
});

const wish = (file: string) => ({
  credentialId,
  targetId,
  place: { path: file },
  fields: { clientSecret: 'API_SECRET' },
});

function fileWith(text: string): string {
  const folder = fs.mkdtempSync(path.join(sample.places.folder, 'bound-'));
  const file = path.join(folder, '.env');
  fs.writeFileSync(file, text, { mode: 0o640 });
  return file;
}

async function everything(): Promise<unknown> {
  const { prisma } = db();
  return [
    await prisma.binding.findMany({ orderBy: { id: 'asc' } }),
    await prisma.delivery.count(),
    await prisma.auditEvent.count(),
  ];
}

test('the current version is delivered and confirmed, and the consumer keys stay as they were', async () => {
  const file = fileWith("# mine\nexport LOG_LEVEL='info' # kept\nAPI_SECRET=old\n\nLAST=1");
  const { id } = await bindTarget(actor, wish(file));
  const secret = sample.secretInFile('survey-importer');
  expect(fs.readFileSync(file, 'utf8')).toBe(
    `# mine\nexport LOG_LEVEL='info' # kept\nAPI_SECRET=${secret}\n\nLAST=1`,
  );
  expect(fs.statSync(file).mode & 0o777).toBe(0o640);
  const binding = await db().prisma.binding.findUniqueOrThrow({
    where: { id },
    include: { deliveries: true },
  });
  expect(binding).toMatchObject({
    required: true,
    needs: 'read_back',
    fields: { clientSecret: 'API_SECRET' },
  });
  expect(binding.deliveries).toMatchObject([{ level: 'read_back', confirmedAt: expect.any(Date) }]);
  expect(JSON.stringify(await everything())).not.toContain(secret);
});

test('a path outside the roots is refused, nothing is written there and nothing is saved', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-outside-'));
  const before = await everything();
  await expect(bindTarget(actor, wish(path.join(folder, '.env')))).rejects.toMatchObject({
    code: 'refused_outside',
    fields: { 'place.path': expect.stringContaining('REKEY_FILE_ROOTS') },
    message: expect.stringMatching(/outside the folders of REKEY_FILE_ROOTS\..*Nothing was saved\.$/),
  });
  expect(fs.readdirSync(folder)).toEqual([]);
  expect(await everything()).toEqual(before);
  fs.rmSync(folder, { recursive: true });
});

test('a path out of the roots through a link is refused too', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-outside-'));
  const link = path.join(sample.places.folder, 'looks-inside');
  fs.symlinkSync(folder, link);
  await expect(bindTarget(actor, wish(path.join(link, '.env')))).rejects.toMatchObject({
    code: 'refused_outside',
  });
  expect(fs.readdirSync(folder)).toEqual([]);
  fs.rmSync(folder, { recursive: true });
});

test('a file that is no env file is refused by its line, and stays byte for byte', async () => {
  const text = 'LOG_LEVEL=info\nthis is not an assignment\n';
  const file = fileWith(text);
  const before = await everything();
  await expect(bindTarget(actor, wish(file))).rejects.toMatchObject({
    message: expect.stringMatching(/Line 2 of .* is neither KEY=value nor a comment\./),
  });
  expect(fs.readFileSync(file, 'utf8')).toBe(text);
  expect(fs.readdirSync(path.dirname(file))).toEqual(['.env']);
  expect(await everything()).toEqual(before);
});

test('an unknown field, two fields for one key, and no field at all are refused before anything is written', async () => {
  const file = fileWith('A=1\n');
  const before = await everything();
  const refusals: { fields: Record<string, string>; at: string }[] = [
    { fields: { password: 'A' }, at: 'fields.password' },
    { fields: { clientId: 'A', clientSecret: 'A' }, at: 'fields.clientSecret' },
    { fields: {}, at: 'fields' },
  ];
  for (const { fields, at } of refusals) {
    await expect(bindTarget(actor, { ...wish(file), fields })).rejects.toMatchObject({
      code: 'bad_input',
      fields: { [at]: expect.any(String) },
    });
  }
  expect(fs.readFileSync(file, 'utf8')).toBe('A=1\n');
  expect(await everything()).toEqual(before);
});

test('the address of a consumer in link-local space is refused before anything is written', async () => {
  const file = fileWith('A=1\n');
  const consumerUrl = 'http://169.254.169.254/state';
  await expect(bindTarget(actor, { ...wish(file), consumerUrl })).rejects.toMatchObject({
    code: 'address_refused',
    fields: { consumerUrl: expect.stringMatching(/never allowed\.$/) },
  });
  expect(fs.readFileSync(file, 'utf8')).toBe('A=1\n');
});

test('that the application uses NEXT is stored only where somebody says so, and the audit tells it', async () => {
  const bound = await bindTarget(actor, { ...wish(fileWith('A=1\n')), readsNext: true });
  const silent = await bindTarget(actor, wish(fileWith('A=1\n')));
  const { bindings } = await readCredential(actor, { credentialId });
  const readsNext = (id: string) => bindings.find((binding) => binding.id === id)?.readsNext;
  expect([readsNext(bound.id), readsNext(silent.id)]).toEqual([true, false]);
  const events = await db().prisma.auditEvent.findMany({
    where: { action: 'binding.created' },
    orderBy: { id: 'desc' },
    take: 2,
  });
  expect(events.map(({ body }): unknown => JSON.parse(body))).toMatchObject([
    { readsNext: false },
    { readsNext: true },
  ]);
});

test('where a target holds no NEXT value the statement is refused, and nothing is written or saved', async () => {
  const dotenv = targetConnector('dotenv');
  vi.spyOn(dotenv, 'can').mockReturnValue({ ...dotenv.can({}, {}), holdsNext: false });
  const file = fileWith('A=1\n');
  const before = await everything();
  await expect(bindTarget(actor, { ...wish(file), readsNext: true })).rejects.toMatchObject({
    code: 'holds_no_next',
    message: expect.stringMatching(/holds one value.*Nothing was saved\./),
    fields: { readsNext: expect.any(String) },
  });
  expect(fs.readFileSync(file, 'utf8')).toBe('A=1\n');
  expect(await everything()).toEqual(before);
});

test('keys between which there is no room for NEXT are refused before anything is written', async () => {
  const file = fileWith('A=1\n');
  const before = await everything();
  const fields = { clientId: 'API_SECRET_NEXT', clientSecret: 'API_SECRET' };
  await expect(bindTarget(actor, { ...wish(file), fields, readsNext: true })).rejects.toMatchObject({
    code: 'refused_outside',
    message: expect.stringMatching(/API_SECRET_NEXT, which is itself a key of this binding/),
  });
  expect(fs.readFileSync(file, 'utf8')).toBe('A=1\n');
  expect(await everything()).toEqual(before);
});

test('a key that another binding writes at the same place, or its NEXT, is refused before anything is written', async () => {
  const file = fileWith('A=1\n');
  const other = await sample.credentialId('fleet-api');
  await bindTarget(actor, { ...wish(file), credentialId: other, readsNext: true });
  const text = fs.readFileSync(file, 'utf8');
  const before = await everything();
  for (const key of ['API_SECRET', 'API_SECRET_NEXT']) {
    await expect(bindTarget(actor, { ...wish(file), fields: { clientSecret: key } })).rejects.toMatchObject({
      code: 'key_taken',
      message: expect.stringMatching(/is already written by a binding of fleet-api\./),
      fields: { 'fields.clientSecret': expect.any(String) },
    });
  }
  expect(fs.readFileSync(file, 'utf8')).toBe(text);
  expect(await everything()).toEqual(before);
  await bindTarget(actor, { ...wish(file), fields: { clientSecret: 'API_SECRET_2' } });
  await expect(
    bindTarget(actor, { ...wish(file), fields: { clientSecret: 'API' }, readsNext: true }),
  ).resolves.toMatchObject({ id: expect.any(String) });
  await expect(
    bindTarget(actor, { ...wish(fileWith('')), fields: { clientSecret: 'API_SECRET' } }),
  ).resolves.toMatchObject({ id: expect.any(String) });
});

test('a key is taken also where another credential has it at the place with other settings; of one credential it is shared', async () => {
  const cluster = await addTarget(actor, {
    name: 'cluster',
    kind: 'kubernetes',
    config: { server: 'http://127.0.0.1:9', token: 'a-token' },
  });
  const place = { namespace: 'web', secret: 'app' };
  await db().prisma.binding.create({
    data: {
      credentialId: await sample.credentialId('fleet-api'),
      targetId: cluster.id,
      place: { ...place, workloadKind: 'Deployment', workload: 'web' },
      fields: { clientSecret: 'API_SECRET' },
      needs: 'accepted',
    },
  });
  const bind = (of: string, key: string, field = 'clientSecret') =>
    bindTarget(actor, {
      credentialId: of,
      targetId: cluster.id,
      place: { ...place, workload: 'worker' },
      fields: { [field]: key },
    });
  await expect(bind(credentialId, 'API_SECRET')).rejects.toMatchObject({ code: 'key_taken' });
  // Nobody answers there: these are not refused for their keys.
  await expect(bind(credentialId, 'ANOTHER')).rejects.toMatchObject({ code: 'refused_outside' });
  const own = await sample.credentialId('fleet-api');
  await expect(bind(own, 'API_SECRET')).rejects.toMatchObject({ code: 'refused_outside' });
  await expect(bind(own, 'API_SECRET', 'clientId')).rejects.toMatchObject({ code: 'key_taken' });
});

test('of two bindings made at the same moment for one key, one is stored and the other one refused', async () => {
  const file = fileWith('A=1\n');
  const other = await sample.credentialId('fleet-api');
  const made = await Promise.allSettled([
    bindTarget(actor, wish(file)),
    bindTarget(actor, { ...wish(file), credentialId: other }),
  ]);
  expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(made.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'key_taken' } });
});

test('a level that no rotation could show is refused before anything is written', async () => {
  const dotenv = targetConnector('dotenv');
  const file = fileWith('A=1\n');
  const before = await everything();
  const refused = (needs: 'read_back' | 'redeployed' | 'adopted', says: RegExp) =>
    expect(bindTarget(actor, { ...wish(file), needs })).rejects.toMatchObject({
      code: 'level_not_provable',
      message: expect.stringMatching(says),
      fields: { needs: expect.any(String) },
    });
  await refused('redeployed', /is not told to redeploy/);
  await refused('adopted', /enter its address/);
  vi.spyOn(dotenv, 'can').mockReturnValue({ ...dotenv.can({}, {}), readBack: 'none' });
  await refused('read_back', /never shows what it holds/);
  expect(fs.readFileSync(file, 'utf8')).toBe('A=1\n');
  expect(await everything()).toEqual(before);
});

test('where a target cannot tell what it holds, a rotation is content with "accepted", and more is refused', async () => {
  vi.spyOn(targetConnector('dotenv'), 'confirm').mockResolvedValue('unknown');
  const { id } = await bindTarget(actor, wish(fileWith('A=1\n')));
  expect(await db().prisma.binding.findUniqueOrThrow({ where: { id } })).toMatchObject({ needs: 'accepted' });
  await expect(bindTarget(actor, { ...wish(fileWith('A=1\n')), needs: 'read_back' })).rejects.toMatchObject({
    code: 'level_not_provable',
  });
});

test('what a target was given before its binding was refused is told, and stands in the audit log', async () => {
  vi.spyOn(targetConnector('dotenv'), 'confirm').mockResolvedValue('unknown');
  const file = fileWith('A=1\n');
  await expect(bindTarget(actor, { ...wish(file), needs: 'read_back' })).rejects.toMatchObject({
    code: 'level_not_provable',
    message: expect.stringMatching(/Nothing was saved\. .* was given v1 of survey-importer before that/),
  });
  expect(fs.readFileSync(file, 'utf8')).toContain(sample.secretInFile('survey-importer'));
  const [last] = await db().prisma.auditEvent.findMany({ orderBy: { id: 'desc' }, take: 1 });
  expect(JSON.parse(last?.body ?? '{}')).toMatchObject({
    action: 'binding.begun',
    credential: 'survey-importer',
    target: 'Env file (sample)',
    version: 1,
    keys: ['API_SECRET'],
  });
  expect(last?.body).not.toContain(sample.secretInFile('survey-importer'));
});

test('a target that took a delivery is healthy, and says when and why', async () => {
  const { prisma } = db();
  await prisma.target.update({
    where: { id: targetId },
    data: { health: 'unknown', checkedAt: null, checkedBy: null },
  });
  await expect(bindTarget(actor, wish('/nowhere/.env'))).rejects.toThrow();
  const of = async () => (await listTargets(actor, {})).find(({ id }) => id === targetId);
  expect(await of()).toMatchObject({ health: 'unknown', checked: null });
  await bindTarget(actor, wish(fileWith('')));
  expect(await of()).toMatchObject({
    health: 'healthy',
    checked: { at: expect.any(String), by: 'binding' },
  });
});

test('a binding names the kind of its target in words', async () => {
  await bindTarget(actor, wish(fileWith('')));
  const { bindings } = await readCredential(actor, { credentialId });
  expect(bindings.map(({ kind, kindTitle }) => [kind, kindTitle])).toContainEqual([
    'dotenv',
    'Env file (.env)',
  ]);
});
