import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { redisAcl } from '#connectors/issuers/redis-acl.ts';
import { CONNECT_MS } from '#connectors/own-socket.ts';
import { createGuard } from '#lib/guard.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { certificate, privateKey } from '#tests/fakes/loopback-tls.ts';
import { type FakeRedis, fakeRedis, fakeUser, sha256 } from '#tests/fakes/redis.ts';
import { callWith } from '#tests/support/call.ts';
import { failure } from '#tests/support/failure.ts';
import { relayTo } from '#tests/support/relay.ts';

const connector = redisAcl as Required<typeof redisAcl>;
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function there(config: Record<string, unknown> = {}) {
  const fake = await fakeRedis({
    rekey: fakeUser('rekey-password'),
    app: fakeUser('initial-password'),
    sibling: fakeUser('of-a-sibling'),
  });
  closing.push(fake.close);
  const relay = await relayTo(fake.port);
  closing.push(relay.close);
  return { fake, relay, call: callTo(relay.port, config) };
}

function callTo(port: number, config: Record<string, unknown> = {}, user = 'app') {
  const base = { host: '127.0.0.1', port, encryption: 'none', user: 'rekey', password: 'rekey-password' };
  return callWith(connector.config.parse({ ...base, ...config }), connector.place.parse({ user }));
}

const wish = (value: string) => ({ rotationId: 'r1', chosen: new Plaintext(value) });
const hashesOf = (fake: FakeRedis, user = 'app') => [...(fake.users.get(user)?.hashes ?? [])];
const idOf = (value: string) => `sha256:${sha256(value).slice(0, 16)}`;

test('only the hash of a password is sent when it is added, and it lies beside the others', async () => {
  const { call, fake, relay } = await there();
  const { externalId } = await connector.issue(call, wish('new-value'));
  expect(externalId).toBe(idOf('new-value'));
  expect(relay.sent()).toContain(`#${sha256('new-value')}`);
  expect(relay.sent()).not.toContain('new-value');
  expect(hashesOf(fake)).toEqual([sha256('initial-password'), sha256('new-value')]);
  expect(hashesOf(fake, 'sibling')).toEqual([sha256('of-a-sibling')]);
});

test('setting the same value again makes no second one, and several live at the same time', async () => {
  const { call } = await there();
  const made = await connector.issue(call, wish('b'));
  expect((await connector.issue(call, wish('b'))).externalId).toBe(made.externalId);
  await connector.issue(call, wish('c'));
  const listed = await connector.listSecrets(call);
  expect(listed.map(({ externalId }) => externalId)).toEqual([
    idOf('initial-password'),
    idOf('b'),
    idOf('c'),
  ]);
  await connector.revoke(call, made.externalId);
  expect(await connector.verify(call, { password: new Plaintext('c') })).toBe('accepted');
  expect(await connector.verify(call, { password: new Plaintext('b') })).toBe('rejected');
});

test('an answer lost while changing is unknown, and the change can be made again', async () => {
  const { call, fake, relay } = await there();
  relay.loseAnswerTo('SETUSER');
  expect((await failure(() => connector.issue(call, wish('b')))).retry).toBe('unknown');
  relay.loseAnswerTo('nothing has this text');
  expect(fake.saved).toBeNull();
  await connector.issue(call, wish('b'));
  expect(hashesOf(fake)).toHaveLength(2);
  relay.loseAnswerTo('GETUSER');
  expect((await failure(() => connector.issue(call, wish('c')))).retry).toBe('later');
});

test('what was changed is kept: adding, taking away, and taking away what is gone but was not saved', async () => {
  const { call, fake } = await there();
  await connector.issue(call, wish('b'));
  expect(fake.saved).toContain(sha256('b'));
  await connector.revoke(call, idOf('initial-password'));
  expect(fake.saved).not.toContain(sha256('initial-password'));
  fake.saved = 'an older state';
  await connector.revoke(call, idOf('initial-password'));
  expect(fake.saved).toContain(sha256('b'));
});

test('a change that cannot be saved says that a restart would undo it', async () => {
  const { call, fake } = await there();
  fake.saveTrouble = 'ERR There was an error trying to save the ACLs.';
  const error = await failure(() => connector.issue(call, wish('b')));
  expect(error.retry).toBe('unknown');
  expect(error.message).toContain('ACL SAVE failed (ERR): a restart of the server would undo it');
});

test.each([
  ['acl-save', 'acl|save', '+acl|save'],
  ['config-rewrite', 'config|rewrite', '+config|rewrite'],
  ['none', 'acl|setuser', '+acl|setuser'],
  ['none', 'acl|getuser', '+acl|getuser'],
  ['none', 'acl|dryrun', '+acl|dryrun'],
  ['none', 'info', '+info'],
])('check names what the stored user lacks (%s): %s', async (persist, denied, named) => {
  const { call, fake } = await there({ persist });
  fake.users.get('rekey')?.denied.add(denied);
  const error = await failure(() => connector.check(call));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).toContain(`lacks ${named}.`);
});

test('check changes nothing, also not what is saved', async () => {
  const { call, fake } = await there();
  const before = JSON.stringify([...fake.users].map(([name, { hashes }]) => [name, [...hashes]]));
  await connector.check(call);
  expect(JSON.stringify([...fake.users].map(([name, { hashes }]) => [name, [...hashes]]))).toBe(before);
  expect(fake.saved).toBeNull();
});

test('check says when there is no aclfile to save to, and does not mind one it may not ask about', async () => {
  const { call, fake, relay } = await there();
  fake.aclFile = '';
  expect((await failure(() => connector.check(call))).message).toContain('has no aclfile');
  await connector.check(callTo(relay.port, { persist: 'config-rewrite' }));
  fake.users.get('rekey')?.denied.add('config|get');
  await connector.check(call);
});

test.each([
  ['role:slave\r\n', 'is a replica'],
  ['role:master\r\nconnected_slaves:2\r\n', 'has replicas'],
  ['role:master\r\ncluster_enabled:1\r\n', 'belongs to a cluster'],
])('a server whose others would not know of the change is refused by check: %j', async (info, sentence) => {
  const { call, fake } = await there();
  fake.info = info;
  const error = await failure(() => connector.check(call));
  expect(error.retry).toBe('never');
  expect(error.message).toContain(`This server ${sentence},`);
});

test('a user that is missing is not made, and one without password does not get one', async () => {
  const { fake, relay, call } = await there();
  const missing = callTo(relay.port, {}, 'nobody');
  for (const act of [() => connector.check(missing), () => connector.issue(missing, wish('b'))]) {
    expect((await failure(act)).message).toContain('There is no ACL user nobody.');
  }
  expect(fake.users.has('nobody')).toBe(false);
  fake.users.set('app', { ...fakeUser(), nopass: true });
  for (const act of [() => connector.check(call), () => connector.issue(call, wish('b'))]) {
    expect((await failure(act)).message).toContain('with any password (nopass)');
  }
  expect(fake.users.get('app')?.nopass).toBe(true);
  fake.users.set('app', { ...fakeUser('x'), on: false });
  expect((await failure(() => connector.check(call))).message).toContain('is switched off');
});

test('the user Rekey signs in with is not rotated', async () => {
  const { fake, relay } = await there();
  const own = callTo(relay.port, {}, 'rekey');
  expect((await failure(() => connector.issue(own, wish('b')))).message).toContain('signs in with');
  expect(hashesOf(fake, 'rekey')).toHaveLength(1);
});

test('two passwords of the same name are a conflict, and none is taken away', async () => {
  const { call, fake } = await there();
  const twin = `${sha256('initial-password').slice(0, 16)}${'0'.repeat(48)}`;
  fake.users.get('app')?.hashes.add(twin);
  const error = await failure(() => connector.revoke(call, idOf('initial-password')));
  expect(error).toMatchObject({ retry: 'never', because: 'conflict' });
  expect(hashesOf(fake)).toHaveLength(2);
});

test('a server that is loading or full is later; a wrong sign-in of Rekey is a matter of permission', async () => {
  const { call, fake, relay } = await there();
  for (const trouble of [
    'LOADING Redis is loading the dataset in memory',
    'ERR max number of clients reached',
  ]) {
    fake.trouble = trouble;
    expect(await failure(() => connector.check(call))).toMatchObject({ retry: 'later', because: undefined });
  }
  fake.trouble = 'ERR something else';
  expect((await failure(() => connector.check(call))).retry).toBe('never');
  const wrong = await failure(() => connector.check(callTo(relay.port, { password: 'wrong' })));
  expect(wrong).toMatchObject({ retry: 'never', because: 'permission' });
});

test('an answer of another form names its field', async () => {
  const { call, fake } = await there();
  fake.oddAnswer = ['flags', ['on'], 'passwords', 'none'];
  const error = await failure(() => connector.listSecrets(call));
  expect(error.retry).toBe('never');
  expect(error.message).toContain('a field `passwords` of another form');
});

test('browsing lists users with a password, and not Rekey’s own', async () => {
  const { call, fake } = await there();
  fake.users.set('open', { ...fakeUser(), nopass: true });
  fake.users.set('off', { ...fakeUser('x'), on: false });
  const found = await connector.browse({ ...call, place: null });
  expect(found.map(({ label, secrets }) => [label, secrets.map(({ externalId }) => externalId)])).toEqual([
    ['app', [idOf('initial-password')]],
    ['sibling', [idOf('of-a-sibling')]],
  ]);
});

test('the certificate and its name are checked, and the name is asked for', async () => {
  const fake = await fakeRedis(
    { rekey: fakeUser('rekey-password'), app: fakeUser('a') },
    { cert: certificate, key: privateKey },
  );
  closing.push(fake.close);
  const { resolve } = createGuard({
    allowHosts: ['127.0.0.1', 'target.test'],
    resolver: async () => ['127.0.0.1'],
  });
  const to = (config: object) => ({ ...callTo(fake.port, { encryption: 'tls', ...config }), resolve });
  await connector.check(to({ host: 'target.test', ca: certificate }));
  expect(fake.servernames).toEqual(['target.test']);
  for (const config of [{ host: 'target.test' }, { ca: certificate }]) {
    const error = await failure(() => connector.check(to(config)));
    expect(error.retry).toBe('never');
    expect(error.message).toContain('is not trusted');
  }
});

test('a client certificate is shown where one is asked for, and its lack is named', async () => {
  const fake = await fakeRedis(
    { rekey: fakeUser('rekey-password'), app: fakeUser('a') },
    { cert: certificate, key: privateKey, ca: certificate, requestCert: true, rejectUnauthorized: true },
  );
  closing.push(fake.close);
  const { resolve } = createGuard({ allowHosts: ['target.test'], resolver: async () => ['127.0.0.1'] });
  const to = (config: object) => {
    const tls = { encryption: 'tls', host: 'target.test', ca: certificate };
    return { ...callTo(fake.port, { ...tls, ...config }), resolve };
  };
  await connector.check(to({ clientCertificate: certificate, clientKey: privateKey }));
  const error = await failure(() => connector.check(to({})));
  expect(error.retry).toBe('never');
  expect(error.message).toContain('whether the server asks for a client certificate');
  expect(error.message).not.toContain('PRIVATE KEY');
});

test('an address that the guard forbids is never connected to, and an abandoned call ends at once', async () => {
  const { call, relay } = await there();
  const { resolve } = createGuard({ allowHosts: [] });
  expect((await failure(() => connector.check({ ...call, resolve }))).message).toContain('REKEY_ALLOW_HOSTS');
  expect(relay.connections()).toBe(0);
  const ending = new AbortController();
  relay.stall();
  setTimeout(() => ending.abort(), 50);
  const late = sleep(CONNECT_MS / 2, 'late', { ref: false });
  const first = failure(() => connector.check({ ...call, signal: ending.signal }));
  expect(await Promise.race([first, late])).toMatchObject({ retry: 'later' });
  expect(relay.connections()).toBe(1);
});
