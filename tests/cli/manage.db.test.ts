import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { createApiClient } from '#core/clients/create-api-client.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { pauseCredential } from '#core/credentials/pause-credential.ts';
import { readCredential } from '#core/credentials/read-credential.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { advanceBatches } from '#core/rotation/batches/advance-batches.ts';
import { db } from '#lib/db.ts';
import { type Ended, type Remote, startRemote } from '#tests/support/remote.ts';

/* Commands that change, archive and rotate several, in processes of their own. */

const setup = system('test');
let remote: Remote;
let issuerId: string;
let admin: Record<string, string>;

const add = async (name: string, more: { environment?: string; labels?: string[]; owner?: string } = {}) => {
  const secret = `value-of-${name}`.padEnd(43, '-');
  const wish = { name, issuerId, place: {}, environment: 'staging', fields: { secret }, ...more };
  return (await importCredential(setup, wish)).id;
};

beforeAll(async () => {
  remote = await startRemote();
  process.env.REKEY_DATA_DIR = '/nonexistent/rekey-data';
  issuerId = (await addIssuer(setup, { name: 'Random values', kind: 'random', config: {} })).id;
  const { id, secret } = await createApiClient(setup, { name: 'keeper', role: 'admin' });
  admin = {
    REKEY_API_URL: remote.url,
    REKEY_CLIENT_ID: id,
    REKEY_CLIENT_SECRET: secret?.expose() ?? '',
  };
});
afterEach(() => remote.rest());
afterAll(() => remote?.close());

const rekey = (...args: string[]) => remote.rekey(args, admin);
const rotationsOf = (credentialId: string) => db().prisma.rotation.count({ where: { credentialId } });

/** A command while workers do what they do about rotations and batches. */
async function atWork(...args: string[]): Promise<Ended> {
  remote.work();
  let ended: Ended | undefined;
  const command = rekey(...args).then((end) => {
    ended = end;
  });
  while (ended === undefined) {
    await advanceBatches();
    await Promise.race([command, wait(100)]);
  }
  return ended;
}

test('change gives a credential an owner and labels, and leaves what is not said', async () => {
  const credentialId = await add('changed', { owner: 'Ops', labels: ['old'] });
  const { code, said } = await rekey('credentials', 'change', 'changed', '--label', 'edge', '--label', 'eu');
  expect({ code, said }).toEqual({ code: 0, said: 'Changed: changed\n' });
  expect(await readCredential(setup, { credentialId })).toMatchObject({
    owner: 'Ops',
    labels: ['edge', 'eu'],
  });
  expect((await rekey('credentials', 'change', 'changed', '--label', '', '--owner', '')).code).toBe(0);
  expect(await readCredential(setup, { credentialId })).toMatchObject({ owner: null, labels: [] });
  expect((await rekey('credentials', 'change', 'changed')).complained).toContain('Say what to change.');
});

test('archive takes the name twice', async () => {
  const id = await add('archived');
  const refused = await rekey('credentials', 'archive', 'archived', '--yes-archive', 'other');
  expect(refused.code).toBe(1);
  expect(refused.complained).toContain('Nothing was changed.');
  expect(await db().prisma.credential.count({ where: { id, archivedAt: null } })).toBe(1);
  const { code, said } = await rekey('credentials', 'archive', 'archived', '--yes-archive', 'archived');
  expect({ code, said }).toEqual({ code: 0, said: 'Archived: archived. Nothing outside was touched.\n' });
  expect(await db().prisma.credential.count({ where: { id, archivedAt: null } })).toBe(0);
});

test('rotate --where shows what it would rotate and starts nothing where nobody can be asked', async () => {
  const id = await add('asked', { labels: ['asked'] });
  const where = ['rotate', '--where', 'label:asked'];
  const { code, said, complained } = await rekey(...where, '--reason', 'spring');
  expect(code).toBe(1);
  expect(said).toContain('asked');
  expect(said).toContain('1 of 1 would be rotated.');
  expect(complained).toContain('say --yes');
  expect((await rekey(...where, '--yes')).complained).toContain('--reason');
  expect((await rekey('rotate', 'asked', '--where', 'label:asked')).code).toBe(1);
  const none = await rekey('rotate', '--where', 'issuer:nobody', '--reason', 'spring', '--yes');
  expect(none.complained).toContain('There is no issuer called nobody.');
  expect(await rotationsOf(id)).toBe(0);
});

test('rotate --where --wait rotates what fits as one batch and nothing beside it, and ends with 0', async () => {
  const ids = [await add('north', { labels: ['store'] }), await add('south', { labels: ['store'] })];
  const other = await add('office', { labels: ['store'], environment: 'test' });
  const line = 'environment:staging label:store issuer:"Random values"';
  const args = ['rotate', '--where', line, '--reason', 'spring', '--grace', 'PT1H', '--yes', '--wait'];
  const { code, said } = await atWork(...args);
  expect(said).toContain('2 of 2 would be rotated.');
  expect(said).toContain('north: completed');
  expect(said).toContain('2 have their new version in use, 0 failed');
  expect(code).toBe(0);
  expect(await Promise.all([...ids, other].map(rotationsOf))).toEqual([1, 1, 0]);
  expect(await db().prisma.batch.findMany({ where: { reason: 'spring' } })).toHaveLength(1);
});

test('rotate --where --wait ends with 2 where a credential waits for people, and says which are left out', async () => {
  const paused = await add('dock', { labels: ['yard'] });
  const crane = await add('crane', { labels: ['yard'] });
  await pauseCredential(setup, { credentialId: paused, reason: 'a look first' });
  const rhythm = { intervalSeconds: 86_400 };
  const policy = await createPolicy(setup, { name: 'approved', rhythm, graceSeconds: 60 });
  await db().prisma.policy.update({ where: { id: policy.id }, data: { approvals: 1 } });
  await assignPolicy(setup, { credentialId: crane, policyId: policy.id });
  const { code, said, complained } = await atWork(
    ...['rotate', '--where', 'yard', '--reason', 'spring', '--yes', '--wait'],
  );
  expect(said).toContain('left out: It is paused.');
  expect(said).toContain('crane: needs people');
  expect(complained).toContain(
    '1 wait for a person, 1 were left out.\nWhat each waits for, and what can be done: ',
  );
  expect(code).toBe(2);
  const none = await rekey('rotate', '--where', 'dock', '--reason', 'spring', '--yes');
  expect(none.complained).toContain('Nothing was started.');
  expect(none.code).toBe(1);
});
