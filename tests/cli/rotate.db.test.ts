import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { system } from '#core/access/actor.ts';
import { createApiClient } from '#core/clients/create-api-client.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { db } from '#lib/db.ts';
import { type Remote, startRemote } from '#tests/support/remote.ts';
import { type Sample, startSample } from '#tests/support/sample.ts';

/* What the rekey command does about rotations, in processes of its own that know the API and nothing else. */

// Each command is a process that loads everything anew: several in a test take long on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

let remote: Remote;
let sample: Sample;
let client: Record<string, string>;

beforeAll(async () => {
  remote = await startRemote();
  sample = await startSample();
  const { id, secret } = await createApiClient(system('test'), { name: 'pipeline', role: 'operator' });
  client = {
    REKEY_API_URL: remote.url,
    REKEY_CLIENT_ID: id,
    REKEY_CLIENT_SECRET: secret?.expose() ?? '',
  };
});
afterAll(async () => {
  await remote?.close();
  await sample?.close();
});

const rekey = (...args: string[]) => remote.rekey(args, client);

type Name = Parameters<Sample['credentialId']>[0];

/** The newest rotation of a credential, as the database has it. */
async function newestOf(name: Name) {
  const credentialId = await sample.credentialId(name);
  return db().prisma.rotation.findFirstOrThrow({ where: { credentialId }, orderBy: { id: 'desc' } });
}

test('--where shows how long each old version is kept: as its policy says, or a day, or as --grace says', async () => {
  const where = ['rotate', '--where', 'fleet', '--reason', 'spring'];
  const row = async (...more: string[]) => (await rekey(...where, ...more)).said.split('\n')[1];
  expect(await row()).toMatch(/^fleet-api .* 1 day +overlap$/);
  const rhythm = { intervalSeconds: 86_400 };
  const lengths = { graceSeconds: 3600, graceAfterUseSeconds: 600 };
  const policy = await createPolicy(system('test'), { name: 'Hourly', rhythm, ...lengths });
  const credentialId = await sample.credentialId('fleet-api');
  await assignPolicy(system('test'), { credentialId, policyId: policy.id });
  expect(await row()).toMatch(/ 10 minutes after use, at most 1 hour +overlap$/);
  expect(await row('--grace', '2h')).toMatch(/ 2 hours +overlap$/);
});

test('--json is one document on standard output and says the rest beside it; --timeout ends with 4 and says that it goes on', async () => {
  const { code, said, complained } = await rekey(
    'rotate',
    'fleet-api',
    '--json',
    '--wait',
    '--timeout',
    '1s',
  );
  const { id } = await newestOf('fleet-api');
  expect(code).toBe(4);
  expect(JSON.parse(said)).toMatchObject({ id, phase: 'preflight', outcome: null });
  expect(complained).toContain(`Requested: rotation ${id}, overlap\n`);
  expect(complained).toContain(
    `It did not get there within 1 second. No worker has taken it up yet. v1 is in use everywhere; nothing has been replaced yet. The rotation goes on. To look again: rekey rotations show ${id}; to wait again: rekey rotations wait ${id}`,
  );
  expect((await newestOf('fleet-api')).outcome).toBeNull();
});

test('a rotation that stands in the way is named, with the command that shows it', async () => {
  const { id } = await newestOf('fleet-api');
  const other = await rekey('rotate', 'fleet-api', '--grace', '9h', '--json');
  expect(other).toMatchObject({ code: 1, said: '' });
  expect(other.complained).toContain('is already being rotated, with other settings');
  expect(other.complained).toContain(`That is rotation ${id}. To see it: rekey rotations show ${id}\n`);
});

test('a breach says why, ends the open rotation and takes no overlap', async () => {
  expect((await rekey('rotate', 'report-builder')).code).toBe(0);
  const open = await newestOf('report-builder');
  const unsaid = await rekey('rotate', 'report-builder', '--breach');
  expect(unsaid.complained).toContain('Say with --reason what happened');
  const both = await rekey('rotate', 'report-builder', '--breach', '--reason', 'leaked', '--grace', '1h');
  expect(both.complained).toContain('--breach leaves no overlap');
  expect((await newestOf('report-builder')).id).toBe(open.id);
  const { code } = await rekey(
    'rotate',
    'report-builder',
    '--breach',
    '--reason',
    'leaked',
    '--ticket',
    'OPS-1',
  );
  expect(code).toBe(0);
  const breach = await newestOf('report-builder');
  expect(breach).toMatchObject({ priority: 'breach', reason: 'leaked', ticket: 'OPS-1' });
  const before = await db().prisma.rotation.findUniqueOrThrow({ where: { id: open.id } });
  expect(before.outcome).toBe('superseded');
});

test('options that say nothing together are refused before anything is started', async () => {
  const timeout = await rekey('rotate', 'fleet-api', '--timeout', '1m');
  expect(timeout.complained).toBe('--timeout says how long to --wait. Nothing was started.\n');
  const where = await rekey('rotate', '--where', 'fleet', '--reason', 'x', '--breach');
  expect(where.complained).toContain('--breach is of one credential');
});

test('an assisted rotation says at once where a person has to act', async () => {
  const { said } = await rekey('rotate', 'partner-portal');
  const { id } = await newestOf('partner-portal');
  expect(said).toContain(`A person has to rotate at the vendor: ${remote.url}/rotations/${id}\n`);
});

test('--where --json is the batch as one document, and --timeout says that it goes on', async () => {
  const where = ['rotate', '--where', 'survey', '--reason', 'spring', '--yes'];
  const { code, said, complained } = await rekey(...where, '--json', '--wait', '--timeout', '1s');
  expect(code).toBe(4);
  expect(JSON.parse(said)).toMatchObject({
    reason: 'spring',
    gracePeriod: null,
    members: [{ credential: 'survey-importer' }],
  });
  expect(complained).toContain('1 of 1 would be rotated.\n');
  expect(complained).toContain(
    '0 have their new version in use, 0 failed, 1 are not done yet, 0 were left out.',
  );
  expect(complained).toContain(`The batch goes on. To look again: ${remote.url}/batches/`);
});
