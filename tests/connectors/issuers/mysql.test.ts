import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { mysql } from '#connectors/issuers/mysql.ts';
import { CONNECT_MS } from '#connectors/own-socket.ts';
import { createGuard } from '#lib/guard.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { fakeAccount, fakeMysql, nativeHash } from '#tests/fakes/mysql.ts';
import { callWith } from '#tests/support/call.ts';
import { failure } from '#tests/support/failure.ts';
import { relayTo } from '#tests/support/relay.ts';

const connector = mysql as Required<typeof mysql>;
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function there(version = '8.4.6', config: Record<string, unknown> = {}) {
  const app = fakeAccount('initial-password');
  app.metadata = { team: 'billing' };
  const fake = await fakeMysql(
    { 'rekey@%': fakeAccount('rekey-password'), 'app@%': app, 'sibling@%': fakeAccount('of-a-sibling') },
    version,
  );
  closing.push(fake.close);
  const relay = await relayTo(fake.port);
  closing.push(relay.close);
  const server = /mariadb/i.test(version) ? 'mariadb' : 'mysql';
  return { fake, relay, app, call: callTo(relay.port, { server, ...config }) };
}

function callTo(port: number, config: Record<string, unknown> = {}, place: object = { user: 'app' }) {
  const base = { host: '127.0.0.1', port, encryption: 'none', user: 'rekey', password: 'rekey-password' };
  return callWith(connector.config.parse({ ...base, ...config }), connector.place.parse(place));
}

const wish = (rotationId: string, value: string) => ({ rotationId, chosen: new Plaintext(value) });
const initial = { password: new Plaintext('initial-password') };

test('its abilities follow from the server: MySQL keeps two passwords, MariaDB one', () => {
  const of = (server: string) => {
    const call = callTo(3306, { server });
    return connector.can(call.config, call.place);
  };
  expect(of('mysql')).toMatchObject({ maxLive: 2, overlap: 'explicit', tags: true, failedSignIns: 'none' });
  expect(of('mariadb')).toMatchObject({ maxLive: 1, overlap: 'none', list: false, failedSignIns: 'none' });
});

test('values have what password policies want: letters of both kinds, digits and marks', () => {
  const { alphabet, length } = connector.chosen(callTo(1).config, callTo(1).place);
  const missing = (kind: RegExp) =>
    ([...alphabet].filter((one) => !kind.test(one)).length / alphabet.length) ** length;
  for (const kind of [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/]) expect(missing(kind)).toBeLessThan(1e-5);
  expect(alphabet).toMatch(/^[\w.~-]+$/);
});

test('two passwords work at the same time until the old one is discarded, and other attributes stay', async () => {
  const { call, app } = await there();
  const made = await connector.issue(call, wish('r1', 'new-value'));
  expect(await connector.verify(call, made.fields)).toBe('accepted');
  expect(await connector.verify(call, initial)).toBe('accepted');
  expect(await connector.listSecrets(call)).toMatchObject([
    { externalId: 'app#r1', tag: 'r1' },
    { externalId: 'app' },
  ]);
  await connector.revoke(call, 'app');
  expect(await connector.verify(call, initial)).toBe('rejected');
  expect(app).toMatchObject({ retained: null, metadata: { team: 'billing', rekey: { primary: 'r1' } } });
});

test('while one is retained nothing is issued, because the older one would be lost: a conflict names both', async () => {
  const { call, app } = await there();
  await connector.issue(call, wish('r1', 'one'));
  const error = await failure(() => connector.issue(call, wish('r2', 'two')));
  expect(error).toMatchObject({ retry: 'never', because: 'conflict' });
  expect(error.message).toContain('app#r1 and app are live');
  expect(app.retained).toBe(nativeHash('initial-password'));
});

test('the way back makes the retained password the only one, without knowing it', async () => {
  const { call, app } = await there();
  const first = await connector.issue(call, wish('r1', 'one'));
  await connector.revoke(call, 'app');
  const second = await connector.issue(call, wish('r2', 'two'));
  await connector.revoke(call, second.externalId);
  expect(await connector.verify(call, first.fields)).toBe('accepted');
  expect(await connector.verify(call, second.fields)).toBe('rejected');
  expect(app).toMatchObject({ retained: null, metadata: { rekey: { primary: 'r1' } } });
  expect((await connector.listSecrets(call)).map(({ externalId }) => externalId)).toEqual(['app#r1']);
});

test('the way back can be begun again after it was cut off in the middle', async () => {
  const { call, fake, relay } = await there();
  const made = await connector.issue(call, wish('r1', 'one'));
  fake.trouble = { code: 1053, message: 'Server shutdown in progress', on: 'discard old password' };
  expect((await failure(() => connector.revoke(call, made.externalId))).retry).toBe('later');
  fake.trouble = undefined;
  relay.loseAnswerTo('discard old password');
  expect((await failure(() => connector.revoke(call, made.externalId))).retry).toBe('unknown');
  relay.loseAnswerTo('nothing has this text');
  await connector.revoke(call, made.externalId);
  expect(await connector.verify(call, initial)).toBe('accepted');
  expect((await connector.listSecrets(call)).map(({ externalId }) => externalId)).toEqual(['app']);
});

test('the only password is not revoked; one that is gone is', async () => {
  const { call } = await there();
  const error = await failure(() => connector.revoke(call, 'app'));
  expect(error).toMatchObject({ retry: 'never', because: 'conflict' });
  await connector.revoke(call, 'app#an-old-one');
  expect(await connector.verify(call, initial)).toBe('accepted');
});

test('after a lost answer the same value is set again, and the retained one is not pushed out', async () => {
  const { call, relay, app } = await there();
  relay.loseAnswerTo('retain current password');
  expect((await failure(() => connector.issue(call, wish('r1', 'one')))).retry).toBe('unknown');
  relay.loseAnswerTo('nothing has this text');
  const again = await connector.issue(call, wish('r1', 'one'));
  expect(again.externalId).toBe('app#r1');
  expect(app).toMatchObject({ hash: nativeHash('one'), retained: nativeHash('initial-password') });
});

test('a password that people retained has a name of its own', async () => {
  const { call, app } = await there();
  app.retained = nativeHash('older');
  expect((await connector.listSecrets(call)).map(({ externalId }) => externalId)).toEqual([
    'app',
    'app#retained',
  ]);
  await connector.revoke(call, 'app#retained');
  expect(app.retained).toBeNull();
  expect(await connector.verify(call, initial)).toBe('accepted');
});

test('at MariaDB only a hash is sent, the old password ends at once, and there is nothing to revoke', async () => {
  const { call, relay } = await there('10.11.19-MariaDB');
  const made = await connector.issue(call, wish('r1', 'new-value'));
  expect(relay.sent()).toContain(nativeHash('new-value'));
  expect(relay.sent()).not.toContain('new-value');
  expect(await connector.verify(call, made.fields)).toBe('accepted');
  expect(await connector.verify(call, initial)).toBe('rejected');
  expect((await failure(() => connector.revoke(call, 'app#r1'))).message).toContain('has one password');
});

test.each([
  ['8.0.20', 'mysql', 'MySQL 8.0.21 or newer is needed'],
  ['10.3.39-MariaDB', 'mariadb', 'MariaDB 10.4 or newer is needed'],
  ['8.4.6', 'mariadb', 'This server is MySQL (8.4.6), and the settings say mariadb'],
  ['11.4.2-MariaDB-log', 'mysql', 'This server is MariaDB'],
])(
  'a server %s configured as %s is refused before anything is changed',
  async (version, server, sentence) => {
    const { call, app } = await there(version, { server });
    for (const act of [() => connector.check(call), () => connector.issue(call, wish('r1', 'x'))]) {
      const error = await failure(act);
      expect(error.retry).toBe('never');
      expect(error.message).toContain(sentence);
    }
    expect(app.hash).toBe(nativeHash('initial-password'));
  },
);

test.each([
  [
    1227,
    'Access denied; you need (at least one of) the CREATE USER privilege(s) for this operation',
    'CREATE USER',
  ],
  [
    1227,
    'Access denied; you need (at least one of) the SYSTEM_USER privilege(s) for this operation',
    'SYSTEM_USER',
  ],
  [1142, "SELECT command denied to user 'rekey'@'localhost' for table 'user'", 'SELECT on mysql.user'],
])('check names what is missing: %i %s', async (code, message, named) => {
  const { call, fake } = await there();
  fake.trouble = { code, message, on: code === 1142 ? 'from mysql.user' : 'alter user' };
  const error = await failure(() => connector.check(call));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).toContain(`it lacks ${named}.`);
});

test('check changes no account', async () => {
  const { call, fake } = await there();
  const before = JSON.stringify([...fake.accounts]);
  await connector.check(call);
  expect(JSON.stringify([...fake.accounts])).toBe(before);
});

test.each([
  [1040, 'later', '(1040)'],
  [1819, 'never', 'too weak for its password policy'],
  [1290, 'never', 'is read-only'],
  [1064, 'never', 'answered 1064'],
])('the server’s error %i is %s', async (code, retry, sentence) => {
  const { call, fake } = await there();
  fake.trouble = { code, message: "near 'initial-password'", on: 'retain' };
  const error = await failure(() => connector.issue(call, wish('r1', 'one')));
  expect(error.retry).toBe(retry);
  expect(error.message).toContain(sentence);
  expect(error.message).not.toContain('initial-password');
});

test.each([
  [3118, 'is locked'],
  [3955, 'is locked'],
  [1862, 'has expired'],
])('an account that answers %i says nothing about its password', async (code, sentence) => {
  const { call, app } = await there();
  app.locked = code;
  const error = await failure(() => connector.verify(call, initial));
  expect(error).toMatchObject({ retry: 'never' });
  expect(error.message).toContain(sentence);
});

test('a sign-in that the server takes for another account proves nothing', async () => {
  const { call, fake } = await there();
  fake.accounts.set('app@10.%', fakeAccount('initial-password'));
  fake.takenFor.set('app', 'app@10.%');
  expect((await failure(() => connector.verify(call, initial))).message).toContain(
    'takes app for the account app@10.%',
  );
});

test('Rekey’s own user, a missing account and one without a password of its own are not rotated', async () => {
  const { call, relay, app } = await there();
  const own = callTo(relay.port, {}, { user: 'rekey' });
  expect((await failure(() => connector.issue(own, wish('r', 'x')))).message).toContain('signs in with');
  const missing = callTo(relay.port, {}, { user: 'nobody' });
  expect((await failure(() => connector.issue(missing, wish('r', 'x')))).message).toContain(
    'no account nobody@%',
  );
  app.plugin = 'auth_socket';
  expect((await failure(() => connector.check(call))).message).toContain('signs in with auth_socket');
});

test('an answer of another form names its field, and nothing is changed', async () => {
  const { call, app } = await there();
  app.odd = JSON.stringify({ additional_password: 7 });
  const error = await failure(() => connector.issue(call, wish('r', 'x')));
  expect(error.retry).toBe('never');
  expect(error.message).toContain('`additional_password` of another form');
  expect(app.hash).toBe(nativeHash('initial-password'));
});

test('without TLS at the server no password is sent', async () => {
  const { relay } = await there();
  const guard = createGuard({ allowHosts: ['db.test'], resolver: async () => ['127.0.0.1'] });
  const call = { ...callTo(relay.port, { encryption: 'tls', host: 'db.test' }), resolve: guard.resolve };
  const error = await failure(() => connector.check(call));
  expect(error.retry).toBe('never');
  expect(error.message).toContain('speaks no TLS');
  expect(relay.sent()).toBe('');
  const address = await failure(() => connector.check(callTo(relay.port, { encryption: 'tls' })));
  expect(address.message).toContain("Enter the server's name");
});

test('browsing lists accounts, and not Rekey’s own', async () => {
  const { call } = await there();
  const found = await connector.browse({ ...call, place: null });
  expect(found.map(({ label }) => label)).toEqual(['app@%', 'sibling@%']);
  expect(connector.place.parse(found[0]?.place)).toEqual({ user: 'app', host: '%' });
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
});
