import { afterEach, expect, test } from 'vitest';
import { vaultKv } from '#connectors/targets/vault-kv.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '../../support/call.ts';
import { failure } from '../../support/failure.ts';
import { remembering } from '../remembering.ts';
import { type FakeVault, fakeVault } from '../worlds/vault-kv.ts';

const fakes: FakeVault[] = [];

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.api.close();
});

async function vault(change: { config?: object; place?: object } = {}) {
  const fake = await fakeVault();
  fakes.push(fake);
  const config = vaultKv.config.parse({ address: fake.api.url, token: fake.token, ...change.config });
  const place = vaultKv.place.parse({ mount: 'kv', path: 'team/app', ...change.place });
  const call = callWith(config, place);
  const newest = () => fake.secrets.get(`kv/${place.path}`)?.at(-1)?.data;
  return { fake, call, newest };
}

const entries = { SECRET: new Plaintext('new') };

test('check names the capabilities that the token lacks, and the path they are lacking on', async () => {
  const { fake, call } = await vault();
  fake.capabilities = ['read', 'create'];
  const error = await failure(() => vaultKv.check(call));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).toContain('The token lacks `update`, `patch` on kv/data/team/app.');
  fake.capabilities = ['deny'];
  expect((await failure(() => vaultKv.check(call))).message).toContain('lacks `create`, `read`');
});

test('check passes for a root token, and changes nothing', async () => {
  const { fake, call } = await vault();
  fake.capabilities = ['root', 'read'];
  await vaultKv.check(call);
  expect(fake.secrets.get('kv/team/app')).toHaveLength(1);
});

test('check refuses a mount whose engine is not KV version 2', async () => {
  const { fake, call } = await vault();
  fake.engine = { type: 'kv', version: '1' };
  expect((await failure(() => vaultKv.check(call))).message).toContain('kv is not KV version 2');
  fake.engine = { type: 'transit', version: '2' };
  expect((await failure(() => vaultKv.check(call))).retry).toBe('never');
});

test('siblings of every JSON type survive, because only our keys are in the patch', async () => {
  const { fake, call, newest } = await vault();
  await vaultKv.deliver(call, entries, 'primary');
  expect(newest()).toEqual({ OTHER: '1', SECRET: 'new', NUMBER: 7, deep: { a: [1] } });
  const patch = fake.api.asked.find(({ method }) => method === 'PATCH');
  expect(patch?.body).toEqual({ options: { cas: 1 }, data: { SECRET: 'new' } });
  expect(patch?.headers['content-type']).toBe('application/merge-patch+json');
});

test('what is there already makes no new version', async () => {
  const { fake, call } = await vault();
  await vaultKv.deliver(call, entries, 'primary');
  await vaultKv.deliver(call, entries, 'primary');
  await vaultKv.remove?.(call, ['SECRET'], 'next');
  expect(fake.secrets.get('kv/team/app')).toHaveLength(2);
});

test('a secret that was never written is made with cas 0, so that nobody else’s is overwritten', async () => {
  const { fake, call, newest } = await vault({ place: { path: 'fresh' } });
  expect(await vaultKv.confirm(call, entries, 'primary')).toBe('pending');
  await vaultKv.remove?.(call, ['SECRET'], 'next');
  await vaultKv.deliver(call, entries, 'primary');
  expect(newest()).toEqual({ SECRET: 'new' });
  const post = fake.api.asked.find(({ method, path }) => method === 'POST' && path.endsWith('/fresh'));
  expect(post?.body.options).toEqual({ cas: 0 });
});

test.each([false, true])('over a deleted version (destroyed: %s) a new one is written', async (destroyed) => {
  const { fake, call, newest } = await vault();
  fake.secrets.get('kv/team/app')?.push({ data: null, destroyed });
  expect(await vaultKv.confirm(call, entries, 'primary')).toBe('pending');
  await vaultKv.deliver(call, entries, 'primary');
  expect(newest()).toEqual({ SECRET: 'new' });
});

test('what another writer changed in between is kept: the write is tried once more on what is there then', async () => {
  const { fake, call, newest } = await vault();
  fake.before = () => fake.secrets.get('kv/team/app')?.push({ data: { OTHER: '2' }, destroyed: false });
  await vaultKv.deliver(call, entries, 'primary');
  expect(newest()).toEqual({ OTHER: '2', SECRET: 'new' });
});

test('a secret deleted in between is written anew', async () => {
  const { fake, call, newest } = await vault();
  fake.before = () => fake.secrets.get('kv/team/app')?.push({ data: null, destroyed: false });
  await vaultKv.deliver(call, entries, 'primary');
  expect(newest()).toEqual({ SECRET: 'new' });
});

test('where others write each time, nothing is written and it is tried later', async () => {
  const { fake, call } = await vault();
  const conflict = { errors: ['check-and-set parameter did not match the current version'] };
  fake.api.trouble = ({ method }) => (method === 'PATCH' ? { status: 400, body: conflict } : undefined);
  const error = await failure(() => vaultKv.deliver(call, entries, 'primary'));
  expect(error.retry).toBe('later');
  expect(error.message).toContain('kv/data/team/app');
});

test('a lost answer is later, and the delivery sent again makes no second version', async () => {
  const { fake, call } = await vault();
  fake.api.trouble = ({ method }) => (method === 'PATCH' ? 'cut after' : undefined);
  expect((await failure(() => vaultKv.deliver(call, entries, 'primary'))).retry).toBe('later');
  fake.api.trouble = () => undefined;
  await vaultKv.deliver(call, entries, 'primary');
  expect(fake.secrets.get('kv/team/app')).toHaveLength(2);
});

test('a mount that is not there is never, and says what to correct', async () => {
  const { call } = await vault({ place: { mount: 'nowhere' } });
  const error = await failure(() => vaultKv.deliver(call, entries, 'primary'));
  expect(error.retry).toBe('never');
  expect(error.message).toContain('There is no secrets engine at nowhere');
});

test('an answer of another form is never and names the field', async () => {
  const { fake, call } = await vault();
  fake.api.trouble = () => ({ status: 200, body: { data: { data: {} } } });
  const error = await failure(() => vaultKv.confirm(call, entries, 'primary'));
  expect(error.retry).toBe('never');
  expect(error.message).toContain('`data.metadata`');
});

test('too many requests is later, when the server says', async () => {
  const { fake, call } = await vault();
  fake.api.trouble = () => ({ status: 429, body: { errors: [] }, headers: { 'retry-after': '7' } });
  const error = await failure(() => vaultKv.deliver(call, entries, 'primary'));
  expect(error).toMatchObject({ retry: 'later', retryAfterSeconds: 7 });
});

test('a namespace is sent with every request', async () => {
  const { fake, call } = await vault({ config: { namespace: 'team-a' } });
  await vaultKv.check(call);
  expect(new Set(fake.api.asked.map(({ headers }) => headers['x-vault-namespace']))).toEqual(
    new Set(['team-a']),
  );
});

test('AppRole signs in, and its token is remembered for ten minutes at most', async () => {
  const signIn = { token: undefined, roleId: 'role', secretId: 'fake-secret-id' };
  const { fake, call } = await vault({ config: signIn });
  const remembered = remembering(call);
  await vaultKv.check(remembered.call);
  await vaultKv.deliver(remembered.call, entries, 'primary');
  expect(fake.logins).toBe(1);
  expect(remembered.seconds).toEqual([600]);
});

test('a mount of AppRole that leads upwards is refused, and no secret ID is sent elsewhere', async () => {
  const role = {
    token: undefined,
    roleId: 'rekey',
    secretId: 'the-secret-id',
    appRoleMount: '../secret/data',
  };
  const { fake, call } = await vault({ config: role });
  expect(await failure(() => vaultKv.check(call))).toMatchObject({ retry: 'never' });
  expect(fake.api.asked).toEqual([]);
});

test('a refused AppRole is a matter of permission and names no secret', async () => {
  const { call } = await vault({ config: { token: undefined, roleId: 'role', secretId: 'wrong-one' } });
  const error = await failure(() => vaultKv.deliver(call, entries, 'primary'));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).toMatch(/role ID and secret ID/);
  expect(error.message).not.toContain('wrong-one');
});

test('a server without any sign-in entered says what to enter', async () => {
  const { call } = await vault({ config: { token: undefined, roleId: 'role' } });
  expect(await failure(() => vaultKv.check(call))).toMatchObject({ retry: 'never', because: 'permission' });
});

test('paths are encoded part by part, and none may go upwards', async () => {
  const { fake, call } = await vault({ place: { path: 'ünit/a%b' } });
  await vaultKv.deliver(call, entries, 'primary');
  expect([...fake.secrets.keys()]).toContain('kv/ünit/a%b');
  for (const path of ['/a', 'a/', 'a//b', '../b', 'a/./b', 'a?b', '']) {
    expect(vaultKv.place.safeParse({ path }).success).toBe(false);
  }
});
