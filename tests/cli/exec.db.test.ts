import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { createApiClient } from '#core/clients/create-api-client.ts';
import { allowConsumer } from '#core/credentials/allow-consumer.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { listFetches } from '#core/credentials/list-fetches.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { db } from '#lib/db.ts';
import { type ClientName, importClient } from '#tests/support/client.ts';
import { type Remote, startRemote } from '#tests/support/remote.ts';
import { type Sample, startSample } from '#tests/support/sample.ts';

/* rekey exec in a process of its own, with a program in another one below it. */

const actor = system('test');
let remote: Remote;
let sample: Sample;
let targetId: string;
const started: ChildProcess[] = [];

beforeAll(async () => {
  remote = await startRemote();
  sample = await startSample();
  targetId = (await addTarget(actor, { name: 'fetched', kind: 'pull', config: {} })).id;
});
afterEach(async () => {
  await remote.rest();
  remote.losesRequest = () => false;
  for (const child of started.splice(0)) {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      // With the program below it.
      process.kill(-child.pid, 'SIGKILL');
      await once(child, 'exit');
    }
  }
});
afterAll(async () => {
  await remote?.close();
  await sample?.close();
});

/** A credential with one binding that is fetched from, and the API client that may. */
async function pulled(
  name: ClientName,
  needs: 'adopted' | 'read_back' = 'adopted',
  fields: Record<string, string> = { clientSecret: 'SECRET' },
) {
  const client = await importClient(sample, name, { files: 0 });
  const { credentialId } = client;
  const { id: bindingId } = await bindTarget(actor, {
    credentialId,
    targetId,
    place: { application: credentialId },
    fields,
    needs,
  });
  const made = await createApiClient(actor, { name: `consumer of ${credentialId}`, role: 'viewer' });
  await allowConsumer(actor, { bindingId, clientId: made.id });
  const clientSecret = made.secret?.expose() ?? '';
  const env = {
    REKEY_API_URL: remote.url,
    REKEY_CLIENT_ID: made.id,
    REKEY_CLIENT_SECRET: clientSecret,
  };
  const reported = async () => {
    const [found] = await listFetches(actor, { credentialId });
    return found?.consumers[0]?.reported?.version ?? null;
  };
  return { client, credentialId, bindingId, env, clientSecret, reported };
}

/** Says its secret by a line, then stays until SIGTERM, at which it leaves with 7. */
const stays = `
  process.on('SIGTERM', () => process.exit(7));
  setInterval(() => {}, 1000);
  console.log('secret ' + process.env.SECRET);`;

/** A command that goes on, with the lines that it and its program have written so far. */
function start(args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = remote.start(args, env);
  started.push(child);
  const out = { said: '', complained: '' };
  child.stdout?.on('data', (part) => {
    out.said += part;
  });
  child.stderr?.on('data', (part) => {
    out.complained += part;
  });
  const secrets = () => [...out.said.matchAll(/^secret (.*)$/gm)].map(([, one = '']) => one);
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  return { child, out, secrets, ended };
}

const until = { timeout: 60_000, interval: 50 };

test('a program gets the secret in its environment and nowhere else, its exit code is passed on, and its version is reported', async () => {
  const { client, bindingId, env, clientSecret, reported } = await pulled('two-slots');
  const script = `
    const fs = require('node:fs');
    const read = (pid, what) => fs.readFileSync('/proc/' + pid + '/' + what, 'utf8');
    const ours = [process.pid, process.ppid].map((pid) => read(pid, 'cmdline')).join();
    console.log(JSON.stringify({
      secret: process.env.SECRET,
      inArguments: ours.includes(process.env.SECRET),
      inParent: read(process.ppid, 'environ').includes(process.env.SECRET),
      clientSecret: process.env.REKEY_CLIENT_SECRET ?? null,
      args: process.argv.slice(1),
    }));`;
  const args = ['exec', '--binding', bindingId, '--', process.execPath, '-e', script, '--', '--watch', 'x'];
  const { code, said, complained } = await remote.rekey(args, env);
  expect({ code, complained }).toEqual({ code: 0, complained: '' });
  const seen = JSON.parse(said) as { secret: string };
  expect(seen).toEqual({
    secret: seen.secret,
    inArguments: false,
    inParent: false,
    clientSecret: null,
    args: ['--watch', 'x'],
  });
  expect(await client.accepts(seen.secret)).toBe(true);
  expect(await reported()).toBe(1);
  const written = fs.readdirSync(remote.home, { recursive: true });
  expect(written).toEqual([]);
  expect(said).not.toContain(clientSecret);
});

test('a program that fails at once passes on its code, and its version is not reported', async () => {
  const { bindingId, env, reported } = await pulled('two-slots');
  const args = ['exec', '--binding', bindingId, '--', process.execPath, '-e', 'process.exit(3)'];
  const { code, complained } = await remote.rekey(args, env);
  expect(code).toBe(3);
  expect(complained).toContain('The program ended with 3 at once, so its version is not reported as in use.');
  expect(await reported()).toBeNull();
});

test('with --watch a new version starts the program again, and a rotation that waits for its adoption goes on', async () => {
  const { client, credentialId, bindingId, env, reported } = await pulled('two-slots');
  const args = ['exec', '--binding', bindingId, '--watch', 'restart', '--settle', '0.1'];
  const { child, out, secrets, ended } = start([...args, '--', process.execPath, '-e', stays], env);
  await expect.poll(reported, until).toBe(1);
  remote.work();
  const { rotationId: id } = await requestRotation(actor, { credentialId, graceSeconds: 3600 });
  await expect
    .poll(async () => (await db().prisma.rotation.findUniqueOrThrow({ where: { id } })).phase, until)
    .toBe('overlap');
  const [first, second, ...more] = secrets();
  expect(more).toEqual([]);
  expect(second).not.toBe(first);
  expect(await client.accepts(second ?? null)).toBe(true);
  expect(await reported()).toBe(2);
  expect(out.complained).toContain('is served. The program is started again with it.');
  expect(out.complained).not.toContain(second);
  child.kill('SIGTERM');
  expect(await ended, 'the signal was passed on, and the code is the program’s').toBe(7);
});

test('without --watch a rotation that needs adoption is not confirmed by a program that was started before', async () => {
  const { credentialId, bindingId, env, reported } = await pulled('graced');
  const args = ['exec', '--binding', bindingId, '--settle', '0.1', '--', process.execPath, '-e', stays];
  const { secrets } = start(args, env);
  await expect.poll(reported, until).toBe(1);
  remote.work();
  const { rotationId: id } = await requestRotation(actor, { credentialId, graceSeconds: 3600 });
  const phase = async () => (await db().prisma.rotation.findUniqueOrThrow({ where: { id } })).phase;
  await expect.poll(phase, until).toBe('confirm');
  expect(await reported()).toBe(1);
  expect(secrets()).toHaveLength(1);
});

test('with --watch signal=… the program is asked by that signal, ends in its own time and is started again', async () => {
  const { credentialId, bindingId, env, reported } = await pulled('single-listed', 'read_back');
  const drains = `
    process.on('SIGHUP', () => { console.log('asked by SIGHUP'); setTimeout(() => process.exit(0), 50); });
    ${stays}`;
  const args = [
    'exec',
    '--binding',
    bindingId,
    '--watch',
    'signal=SIGHUP',
    '--settle',
    '0.1',
    '--stop-after',
    '0',
  ];
  const { out, secrets } = start([...args, '--', process.execPath, '-e', drains], env);
  await expect.poll(reported, until).toBe(1);
  remote.work();
  await requestRotation(actor, { credentialId, graceSeconds: 3600 });
  await expect.poll(reported, until).toBe(2);
  expect(out.said).toContain('asked by SIGHUP');
  expect(secrets()).toHaveLength(2);
});

test('a program that lives through a hang-up is started again with the next version', async () => {
  const { credentialId, bindingId, env, reported } = await pulled('ten-slots', 'read_back');
  const ignores = `process.on('SIGHUP', () => console.log('hung up')); ${stays}`;
  const args = ['exec', '--binding', bindingId, '--watch', 'restart', '--settle', '0.1'];
  const { child, out, secrets, ended } = start([...args, '--', process.execPath, '-e', ignores], env);
  await expect.poll(reported, until).toBe(1);
  child.kill('SIGHUP');
  await expect.poll(() => out.said, until).toContain('hung up');
  remote.work();
  await requestRotation(actor, { credentialId, graceSeconds: 3600 });
  await expect.poll(reported, until).toBe(2);
  expect(secrets()).toHaveLength(2);
  child.kill('SIGTERM');
  expect(await ended).toBe(7);
});

test('a hang-up while the program is being ended for a new version ends it for good', async () => {
  const { credentialId, bindingId, env, reported } = await pulled('ten-slots', 'read_back');
  const waits = `
    process.on('SIGHUP', () => process.exit(5));
    process.on('SIGTERM', () => console.log('asked to end'));
    setInterval(() => {}, 1000);
    console.log('secret ' + process.env.SECRET);`;
  const args = [
    'exec',
    '--binding',
    bindingId,
    '--watch',
    'restart',
    '--settle',
    '0.1',
    '--stop-after',
    '600',
  ];
  const { child, out, secrets, ended } = start([...args, '--', process.execPath, '-e', waits], env);
  await expect.poll(reported, until).toBe(1);
  remote.work();
  await requestRotation(actor, { credentialId, graceSeconds: 3600 });
  await expect.poll(() => out.said, until).toContain('asked to end');
  child.kill('SIGHUP');
  expect(await ended).toBe(5);
  expect(secrets()).toHaveLength(1);
});

test('a program that does not end is killed, and started with the new version', async () => {
  const { credentialId, bindingId, env, reported } = await pulled('single-chosen', 'read_back');
  const clings = `process.on('SIGTERM', () => console.log('not yet')); setInterval(() => {}, 1000); console.log('secret ' + process.env.SECRET);`;
  const args = [
    'exec',
    '--binding',
    bindingId,
    '--watch',
    'restart',
    '--settle',
    '0.1',
    '--stop-after',
    '0.2',
  ];
  const { out, secrets } = start([...args, '--', process.execPath, '-e', clings], env);
  await expect.poll(reported, until).toBe(1);
  remote.work();
  await requestRotation(actor, { credentialId, graceSeconds: 3600 });
  await expect.poll(reported, until).toBe(2);
  expect(out.said).toContain('not yet');
  expect(secrets()).toHaveLength(2);
});

test('where Rekey is away at the start nothing runs, and a program that runs goes on while it is away', async () => {
  const { credentialId, bindingId, env, reported } = await pulled('single-readable', 'read_back');
  remote.losesRequest = () => true;
  const args = ['exec', '--binding', bindingId, '--watch', 'restart', '--settle', '0.1'];
  const away = await remote.rekey([...args, '--', process.execPath, '-e', 'console.log(1)'], env);
  expect({ code: away.code, said: away.said }).toEqual({ code: 125, said: '' });
  expect(away.complained).toContain('does not answer');
  remote.losesRequest = () => false;
  const { out, secrets } = start([...args, '--', process.execPath, '-e', stays], env);
  await expect.poll(reported, until).toBe(1);
  remote.losesRequest = () => true;
  remote.cut();
  await expect
    .poll(() => out.complained, until)
    .toContain('The program goes on with the version that it has.');
  expect(secrets()).toHaveLength(1);
  remote.losesRequest = () => false;
  remote.work();
  await requestRotation(actor, { credentialId, graceSeconds: 3600 });
  await expect.poll(reported, until).toBe(2);
  expect(out.complained).toContain('Rekey answers again.');
  expect(secrets()).toHaveLength(2);
});

test('a binding is found by its credential, and what is not found starts nothing', async () => {
  const { credentialId, env } = await pulled('two-slots');
  const { name } = await db().prisma.credential.findUniqueOrThrow({ where: { id: credentialId } });
  const shows = [
    '--',
    process.execPath,
    '-e',
    'console.log(typeof process.env.TOKEN, typeof process.env.SECRET)',
  ];
  for (const binding of [name, `${name}/fetched`]) {
    const { code, said } = await remote.rekey(['exec', '--binding', binding, '--as', 'TOKEN', ...shows], env);
    expect({ code, said }).toEqual({ code: 0, said: 'string undefined\n' });
  }
  const none = await remote.rekey(['exec', '--binding', 'nobody', ...shows], env);
  expect({ code: none.code, said: none.said }).toEqual({ code: 125, said: '' });
  expect(none.complained).toContain('No binding of nobody is fetched from');
  const key = await remote.rekey(['exec', '--binding', name, '--as', 'A=B', ...shows], env);
  expect(key.complained).toContain('The binding has no key B. It has SECRET. Nothing was started.');
});

test('a program that is not there has the exit code of shells, and neither a missing -- nor a binding of others starts one', async () => {
  const { bindingId: name, env } = await pulled('two-slots');
  const shows = ['--', process.execPath, '-e', 'console.log(1)'];
  const missing = await remote.rekey(['exec', '--binding', name, '--', '/there/is/no/program'], env);
  expect(missing.code).toBe(127);
  const undashed = await remote.rekey(['exec', '--binding', name, process.execPath], env);
  expect(undashed.complained).toContain('usage: rekey exec');
  const other = await pulled('two-slots');
  const forbidden = await remote.rekey(['exec', '--binding', other.bindingId, ...shows], env);
  expect({ code: forbidden.code, said: forbidden.said }).toEqual({ code: 125, said: '' });
});

test('of several keys each is a variable, and --as gives one of them another name', async () => {
  const fields = { clientId: 'CLIENT', clientSecret: 'SECRET' };
  const { bindingId, env } = await pulled('two-slots', 'read_back', fields);
  const script = `console.log(process.env.CLIENT, typeof process.env.TOKEN, typeof process.env.SECRET)`;
  const shows = ['--', process.execPath, '-e', script];
  const one = await remote.rekey(['exec', '--binding', bindingId, '--as', 'TOKEN=SECRET', ...shows], env);
  expect({ code: one.code, said: one.said }).toEqual({ code: 0, said: 'two-slots string undefined\n' });
  const unsaid = await remote.rekey(['exec', '--binding', bindingId, '--as', 'TOKEN', ...shows], env);
  expect({ code: unsaid.code, said: unsaid.said }).toEqual({ code: 125, said: '' });
  expect(unsaid.complained).toContain('The binding has the keys CLIENT, SECRET. Say --as VAR=KEY.');
});

test('a report that does not arrive is sent again while the program runs', async () => {
  const { bindingId, env, reported } = await pulled('two-slots');
  remote.losesRequest = ({ url }) => url?.endsWith('/reports') === true;
  const args = ['exec', '--binding', bindingId, '--settle', '0.1', '--', process.execPath, '-e', stays];
  const { out } = start(args, env);
  await expect.poll(() => out.complained, until).toContain('could not be reported');
  expect(await reported()).toBeNull();
  remote.losesRequest = () => false;
  await expect.poll(reported, until).toBe(1);
});
