import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { system } from '#core/access/actor.ts';
import { createApiClient } from '#core/clients/create-api-client.ts';
import { advance } from '#core/rotation/advance.ts';
import { findDueRotations } from '#core/rotation/find-due-rotations.ts';
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
afterEach(() => remote.rest());
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

/** One that nothing works on yet. */
async function begin(name: Name): Promise<string> {
  expect((await rekey('rotate', name)).code).toBe(0);
  return (await newestOf(name)).id;
}

/** One in its overlap, for an hour. */
async function beginOverlap(): Promise<string> {
  remote.work();
  const { code } = await rekey('rotate', 'fleet-api', '--grace', 'PT1H', '--wait');
  expect(code).toBe(0);
  await remote.rest();
  return (await newestOf('fleet-api')).id;
}

test('list says which there are, by credential and by state', async () => {
  const id = await begin('fleet-api');
  const list = (...args: string[]) => rekey('rotations', 'list', ...args);
  const all = await list();
  expect(all.said).toMatch(/^ID +CREDENTIAL +ENVIRONMENT +STATE/);
  expect(all.said).toMatch(
    new RegExp(`^${id} +fleet-api +production +preflight +v1 +overlap +pipeline +2`, 'm'),
  );
  const found = await list('--credential', 'fleet-api', '--state', 'running', '--json');
  expect(JSON.parse(found.said)).toMatchObject([{ id, credential: 'fleet-api' }]);
  const none = await list('--state', 'rolled-back');
  expect({ code: none.code, complained: none.complained }).toEqual({
    code: 0,
    complained: 'No rotation fits.\n',
  });
  expect((await list('--state', 'broken')).complained).toContain('--state is one of open, running, held');
  await begin('report-builder');
  const one = await list('--limit', '1', '--json');
  expect(JSON.parse(one.said)).toHaveLength(1);
  expect(one.complained).toBe('There are more than 1: say --limit, or narrow it down.\n');
});

test('show says where it stands, what can be done and where its page is', async () => {
  const { id } = await newestOf('fleet-api');
  const { code, said } = await rekey('rotations', 'show', id);
  expect(code).toBe(0);
  expect(said).toMatch(/^State +waits for a worker: preflight$/m);
  expect(said).toMatch(/^Standing +v1 is in use everywhere; nothing has been replaced yet\.$/m);
  expect(said).toMatch(/^Phases +\[preflight\] issue verify/m);
  expect(said).toContain(`Page        ${remote.url}/rotations/${id}\n`);
  expect(said).toContain(`  rekey rotations cancel ${id}\n      The rotation ends here.`);
  const typo = await rekey('rotations', 'show', 'fleet-api');
  expect(typo.complained).toBe(
    "fleet-api is no id of a rotation. Of a credential: rekey rotations list --credential 'fleet-api'\n",
  );
});

test('hold, resume and cancel do so, and what is refused says what is offered instead', async () => {
  const { id } = await newestOf('fleet-api');
  const early = await rekey('rotations', 'roll-back', id, '--yes');
  expect(early).toMatchObject({ code: 1, said: '' });
  expect(early.complained).toContain(
    'so there is nothing to roll back: cancel it instead. Nothing was changed.\n',
  );
  expect(early.complained).toContain(`  rekey rotations hold ${id}\n  rekey rotations cancel ${id}\n`);
  const held = await rekey('rotations', 'hold', id, '--reason', 'a look first');
  expect(held).toMatchObject({ code: 0, complained: '' });
  expect(held.said).toContain(`fleet-api: Held. It goes on with: rekey rotations resume ${id}\n`);
  const waited = await rekey('rotations', 'wait', id);
  expect(waited.code).toBe(2);
  expect(waited.complained).toContain('Held: A person stopped the rotation where it is.');
  expect(waited.complained).toContain(`would do:\n  rekey rotations resume ${id}\n`);
  expect((await rekey('rotations', 'resume', id)).said).toContain('fleet-api: Resumed.\n');
  const cancelled = await rekey('rotations', 'cancel', id, '--reason', 'not today', '--json');
  expect(JSON.parse(cancelled.said)).toMatchObject({ id, outcome: 'cancelled' });
  const again = await rekey('rotations', 'cancel', id);
  expect(again).toMatchObject({ code: 1, complained: 'The rotation has ended. Nothing was changed.\n' });
  expect((await rekey('rotations', 'wait', id)).code).toBe(3);
});

test('try-now makes the next attempt of one that failed, and show tells what failed and when it is tried again', async () => {
  const id = await begin('fleet-api');
  const early = await rekey('rotations', 'try-now', id);
  expect(early.complained).toContain('No attempt has failed');
  await sample.fault({ clientId: 'fleet-api', on: 'check', kind: 'status', status: 503 });
  await advance(id, () => {});
  const hour = `update rotations set next_attempt_at = rekey_now() + interval '1 hour' where id = $1`;
  await db().pool.query(hour, [id]);
  const shown = await rekey('rotations', 'show', id);
  expect(shown.said).toMatch(/^Failing +attempt 1: .+ Tried again at \S+$/m);
  expect(shown.said).toContain(`  rekey rotations try-now ${id}\n      The next attempt is made now.`);
  const tried = await rekey('rotations', 'try-now', id);
  expect(tried).toMatchObject({ code: 0, said: expect.stringContaining('fleet-api: It is tried now.\n') });
  expect((await findDueRotations(10)).map(({ rotationId }) => rotationId)).toContain(id);
  await sample.clearFaults();
  await rekey('rotations', 'cancel', id);
});

test('what cannot be undone says what it does and is done only where somebody says so', async () => {
  const id = await beginOverlap();
  const extended = await rekey('rotations', 'extend', id, '--duration', '4h');
  expect(extended.said).toContain('fleet-api: Extended: both secrets work until ');
  expect((await rekey('rotations', 'extend', id)).complained).toContain('Say with --duration');
  const asked = await rekey('rotations', 'revoke-now', id, '--reason', 'all is well');
  expect(asked).toMatchObject({ code: 1, said: '' });
  expect(asked.complained).toContain('Every required target is confirmed to have v2. v1 is retired');
  expect(asked.complained).toContain('It cannot be undone');
  expect(asked.complained).toContain('say --yes');
  expect((await newestOf('fleet-api')).phase).toBe('overlap');
  const glass = await rekey('rotations', 'break-glass', id, '--reason', 'x', '--yes');
  expect(glass.complained).toContain('End the overlap instead');
  const done = await rekey('rotations', 'revoke-now', id, '--reason', 'all is well', '--yes');
  expect(done.code).toBe(0);
  remote.work();
  const watched = await rekey('rotations', 'show', id, '--watch');
  expect(watched.code).toBe(0);
  expect(watched.said).toContain('  prove\nCompleted.\nv2 is current; v1 is retired.\n');
});

test('roll-back turns it back, and show --watch --json is a line for each change', async () => {
  const id = await beginOverlap();
  expect((await rekey('rotations', 'roll-back', id, '--yes', '--reason', 'misbehaves')).code).toBe(0);
  remote.work();
  const { code, said } = await rekey('rotations', 'show', id, '--watch', '--json');
  const states = said
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(code).toBe(3);
  expect(states.at(-1)).toMatchObject({ id, direction: 'back', outcome: 'rolled_back' });
});

test('an assisted rotation says where a person acts and what they do, and takes the secret from standard input', async () => {
  const id = await begin('partner-portal');
  remote.work();
  const waited = await rekey('rotations', 'wait', id);
  expect(waited.code).toBe(2);
  expect(waited.complained).toContain(`It waits for a person: ${remote.url}/rotations/${id}\n`);
  expect(waited.complained).toMatch(/^At the vendor, http:\S+\n {2}1\. /m);
  const empty = await rekey('rotations', 'submit-secret', id);
  expect(empty).toMatchObject({ code: 1, complained: expect.stringContaining('is empty') });
  const secret = await sample.rotateOnVendorsPage('partner-portal');
  const given = await remote.rekey(['rotations', 'submit-secret', id], client, `${secret}\n`);
  expect(given.code).toBe(0);
  expect(given.said).not.toContain(secret);
  expect((await rekey('rotations', 'wait', id)).code).toBe(0);
  expect(sample.secretInFile('partner-portal')).toBe(secret);
});

test('a command that waits asks on while nobody answers', async () => {
  const id = await begin('survey-importer');
  let left = 6;
  remote.losesRequest = (request) => {
    if (!request.url?.endsWith(id) || left === 0 || left-- === 6) return false;
    return true;
  };
  const waiting = rekey('rotations', 'wait', id);
  await expect.poll(() => left, { timeout: 60_000 }).toBe(0);
  remote.losesRequest = () => false;
  expect((await rekey('rotations', 'cancel', id)).code).toBe(0);
  const { code, complained } = await waiting;
  expect(code).toBe(3);
  expect(complained).toMatch(
    /^Rekey does not answer\. Asking on\.\nThe rotation of survey-importer was cancelled\.\n/,
  );
  expect(complained.match(/Asking on/g)).toHaveLength(1);
});

test('rotate --wait asks on while a proxy answers that it does not reach Rekey, and a command that does not wait says that', async () => {
  remote.work();
  let left = 7;
  remote.proxyAnswers = ({ method, url }) => {
    if (method !== 'GET' || !/\/rotations\/[\w-]+$/.test(url ?? '') || left === 0) return null;
    left -= 1;
    return 502;
  };
  const waited = await rekey('rotate', 'fleet-api', '--grace', 'PT1H', '--wait');
  expect({ left, code: waited.code }).toEqual({ left: 0, code: 0 });
  expect(waited.complained).toBe('Rekey does not answer. Asking on.\n');
  remote.proxyAnswers = () => 503;
  const { code, complained } = await rekey('rotations', 'list');
  remote.proxyAnswers = () => null;
  expect({ code, complained }).toEqual({
    code: 1,
    complained: `${remote.url} answered 503: Rekey cannot be reached behind its proxy. Whether the last request arrived is not known; the same command can be given again.\n`,
  });
});
