import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { postgresql } from '#connectors/issuers/postgresql.ts';
import { CONNECT_MS } from '#connectors/own-socket.ts';
import { scramVerifier } from '#connectors/postgres.ts';
import { createGuard } from '#lib/guard.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { certificate, privateKey } from '#tests/fakes/loopback-tls.ts';
import { callWith } from '#tests/support/call.ts';
import { failure } from '#tests/support/failure.ts';
import { type OwnRoles, ownRoles } from '#tests/support/own-postgres.ts';
import { type Relay, relayTo } from '#tests/support/relay.ts';

const connector = postgresql as Required<typeof postgresql>;
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function there(place: Record<string, unknown> = {}, config: Record<string, unknown> = {}) {
  const roles = await ownRoles();
  closing.push(roles.drop);
  const relay = await relayTo(roles.postgres.port);
  closing.push(relay.close);
  return { roles, relay, call: callTo(roles, relay, place, config) };
}

function callTo(roles: OwnRoles, relay: Relay, place: object, config: object = {}) {
  const base = { host: '127.0.0.1', port: relay.port, encryption: 'none', user: roles.admin };
  return callWith(
    connector.config.parse({ ...base, password: 'rotator-password', ...config }),
    connector.place.parse({ role: roles.a, ...place }),
  );
}

async function pair(place: Record<string, unknown> = {}) {
  const { roles, relay } = await there();
  return { roles, relay, call: callTo(roles, relay, { shape: 'pair', role2: roles.b, ...place }) };
}

const initial = (name: string) => ({
  username: new Plaintext(name),
  password: new Plaintext('initial-password'),
});

async function commentOf({ sql }: OwnRoles, name: string): Promise<unknown> {
  const rows = await sql(`select shobj_description('${name}'::regrole, 'pg_authid') as text`);
  return rows[0]?.text;
}

test('its abilities follow from the shape of the place', () => {
  const config = connector.config.parse({ host: 'db', user: 'u', password: 'p' });
  const of = (place: object) => connector.can(config, connector.place.parse({ role: 'a', ...place }));
  expect(of({})).toMatchObject({ maxLive: 1, overlap: 'none', chosenValue: true, list: false });
  expect(of({ shape: 'pair', role2: 'b' })).toMatchObject({
    maxLive: 2,
    overlap: 'explicit',
    chosenValue: false,
    tags: true,
  });
});

test('a pair needs two different roles, and a single role has no second one', () => {
  const ok = (place: object) => connector.place.safeParse(place).success;
  expect(ok({ shape: 'pair', role: 'a' })).toBe(false);
  expect(ok({ shape: 'pair', role: 'a', role2: 'a' })).toBe(false);
  expect(ok({ shape: 'single', role: 'a', role2: 'b' })).toBe(false);
});

test('the password itself is in no statement: the server gets a verifier', async () => {
  const { call, relay } = await there();
  const chosen = new Plaintext('a-value-that-we-chose');
  await connector.issue(call, { rotationId: 'r1', chosen });
  expect(relay.sent()).toContain('SCRAM-SHA-256$4096:');
  expect(relay.sent()).not.toContain(chosen.expose());
  expect(await connector.verify(call, { password: chosen })).toBe('accepted');
});

test('the verifier is the one of RFC 7677', async () => {
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
  expect(await scramVerifier(new Plaintext('pencil'), salt)).toBe(
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  );
});

test.each(['Grüße, \u{1F600}', 'fi\uFB01', 'a\u00A0b\u00ADc'])(
  'an old value of other letters can be set back: %s',
  async (value) => {
    const { call } = await there();
    await connector.issue(call, { rotationId: 'r1', chosen: new Plaintext(value) });
    expect(await connector.verify(call, { password: new Plaintext(value) })).toBe('accepted');
  },
);

test('names that need quotes are rotated as they are, and no other role is touched', async () => {
  const { roles, relay } = await there();
  const odd = `it's "${roles.suffix}"; drop role x`;
  const quoted = `"${odd.replaceAll('"', '""')}"`;
  await roles.sql(
    `create role ${quoted} login password 'old'`,
    `grant ${quoted} to ${roles.admin} with admin option`,
  );
  closing.push(async () => void (await roles.sql(`drop role ${quoted}`)));
  const call = callTo(roles, relay, { role: odd });
  const { fields } = await connector.issue(call, { rotationId: 'r1', chosen: new Plaintext('new') });
  expect(await connector.verify(call, fields)).toBe('accepted');
  expect(await connector.verify(callTo(roles, relay, {}), initial(roles.a))).toBe('accepted');
});

test('check names CREATEROLE where it is missing', async () => {
  const { roles, call } = await there();
  await roles.sql(`alter role ${roles.admin} nocreaterole`);
  const error = await failure(() => connector.check(call));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).toBe(
    `Rekey's role may not rotate ${roles.a}: it lacks CREATEROLE. Nothing was changed.`,
  );
});

test('check and issue name the ADMIN option where it is missing on one of the roles', async () => {
  const { roles, call } = await pair();
  await roles.sql(`revoke ${roles.b} from ${roles.admin}`);
  for (const act of [connector.check, connector.revoke]) {
    const error = await failure(() => act(call, roles.b));
    expect(error).toMatchObject({ retry: 'never', because: 'permission' });
    expect(error.message).toContain(`it lacks the ADMIN option on ${roles.b}`);
  }
  expect((await failure(() => connector.issue(call, { rotationId: 'r1' }))).because).toBe('permission');
});

test('check says when a superuser is wanted, and when sessions could not be ended', async () => {
  const { roles, relay, call } = await pair();
  const ending = callTo(roles, relay, { shape: 'pair', role2: roles.b, endSessions: true });
  expect((await failure(() => connector.check(ending))).message).toContain(
    'it lacks membership in pg_signal_backend',
  );
  await roles.sql(`grant pg_signal_backend to ${roles.admin}`);
  await connector.check(ending);
  await roles.sql(`alter role ${roles.a} superuser`);
  expect((await failure(() => connector.check(call))).message).toContain(`it lacks SUPERUSER`);
});

test('the role Rekey signs in with is not rotated, because the stored sign-in would be lost', async () => {
  const { roles, relay } = await there();
  const call = callTo(roles, relay, { role: roles.admin });
  const chosen = new Plaintext('x'.repeat(43));
  for (const act of [() => connector.check(call), () => connector.issue(call, { rotationId: 'r', chosen })]) {
    expect((await failure(act)).message).toContain('is the role Rekey signs in with');
  }
});

test('a role that is not there, cannot log in or has run out is named by check', async () => {
  const { roles, relay, call } = await there();
  const missing = await failure(() => connector.check(callTo(roles, relay, { role: 'nobody' })));
  expect(missing).toMatchObject({ retry: 'never', because: undefined });
  expect(missing.message).toContain('There is no role nobody.');
  const idle = await failure(() => connector.check(callTo(roles, relay, { role: roles.b })));
  expect(idle.message).toContain('NOLOGIN');
  await roles.sql(`alter role ${roles.a} valid until '2001-01-01'`);
  expect((await failure(() => connector.check(call))).message).toContain('VALID UNTIL');
});

test('check says when the two roles of a pair are not members of the same', async () => {
  const { roles, call } = await pair();
  await roles.sql(`revoke owner_${roles.suffix} from ${roles.b}`);
  expect((await failure(() => connector.check(call))).message).toContain(
    `${roles.b} is no member of owner_${roles.suffix}, which ${roles.a} is`,
  );
});

test('where pg_hba.conf trusts, check and verify say that no password can be proven', async () => {
  const { roles, call } = await there();
  const file = path.join(roles.postgres.data, 'pg_hba.conf');
  const before = fs.readFileSync(file, 'utf8');
  closing.push(async () => {
    fs.writeFileSync(file, before);
    await roles.sql('select pg_reload_conf()');
  });
  fs.writeFileSync(file, `host all ${roles.a} 127.0.0.1/32 trust\n${before}`);
  await roles.sql('select pg_reload_conf()');
  for (const act of [() => connector.check(call), () => connector.verify(call, initial(roles.a))]) {
    const error = await failure(act);
    expect(error.retry).toBe('never');
    expect(error.message).toContain('whatever the password is');
  }
  fs.writeFileSync(file, `host all ${roles.a} 127.0.0.1/32 reject\n${before}`);
  await roles.sql('select pg_reload_conf()');
  for (const act of [() => connector.check(call), () => connector.verify(call, initial(roles.a))]) {
    expect((await failure(act)).message).toContain('nothing is known about the password');
  }
});

test('check tries no password for a role, so that the server writes down no failed sign-in', async () => {
  const { call, relay } = await there();
  await connector.check(call);
  expect(relay.connections()).toBe(2);
  // The first word of a SCRAM exchange: Rekey's own, and none for the role.
  expect(relay.sent().split('n,,n=*').length - 1).toBe(1);
});

test('a database that is closed to the role does not make its password wrong; one that is missing is named', async () => {
  const { roles, relay } = await there();
  const database = `closed_${roles.suffix}`;
  await roles.sql(`create database ${database}`, `revoke connect on database ${database} from public`);
  closing.push(async () => void (await roles.sql(`drop database ${database}`)));
  const call = callTo(roles, relay, { database });
  expect(await connector.verify(call, initial(roles.a))).toBe('accepted');
  expect(await connector.verify(call, { ...initial(roles.a), password: new Plaintext('wrong') })).toBe(
    'rejected',
  );
  const missing = await failure(() =>
    connector.verify(callTo(roles, relay, { database: 'nowhere' }), initial(roles.a)),
  );
  expect(missing.message).toContain('has no database nowhere');
});

test('a full server is later, and nothing changed', async () => {
  const { roles, call } = await there();
  await roles.sql(`alter role ${roles.admin} connection limit 0`);
  const error = await failure(() =>
    connector.issue(call, { rotationId: 'r1', chosen: new Plaintext('new') }),
  );
  expect(error.retry).toBe('later');
  expect(error.message).toContain('(53300)');
});

test.each(['single', 'pair'])('an answer lost at the commit is unknown: %s', async (shape) => {
  const { call, relay, roles } = shape === 'pair' ? await pair() : await there();
  relay.loseAnswerTo('commit');
  const chosen = new Plaintext('new');
  const error = await failure(() =>
    connector.issue(call, { rotationId: 'r1', ...(shape === 'single' && { chosen }) }),
  );
  expect(error.retry).toBe('unknown');
  relay.loseAnswerTo('nothing has this text');
  if (shape === 'pair') {
    const listed = await connector.listSecrets(call);
    expect(listed.map(({ tag }) => tag)).toEqual([undefined, 'r1']);
    await connector.revoke(call, `${roles.b}#r1`);
    expect((await connector.listSecrets(call)).map(({ externalId }) => externalId)).toEqual([roles.a]);
  } else {
    await connector.issue(call, { rotationId: 'r1', chosen });
    expect(await connector.verify(call, { password: chosen })).toBe('accepted');
  }
});

test.each(['08P01', '57P01'])(
  'an end of the connection with %s at the commit is unknown too',
  async (code) => {
    const { call, relay, roles } = await pair();
    // As a pooler says it whose server went away after it was told to commit.
    const fields = Buffer.from(`SFATAL\0C${code}\0Mserver conn crashed?\0\0`);
    const head = Buffer.from('E\0\0\0\0');
    head.writeInt32BE(fields.length + 4, 1);
    relay.loseAnswerTo('commit', Buffer.concat([head, fields]));
    const error = await failure(() => connector.issue(call, { rotationId: 'r1' }));
    expect(error.retry).toBe('unknown');
    expect(error.message).toContain(`(${code})`);
    relay.loseAnswerTo('nothing has this text');
    expect((await connector.listSecrets(call)).map(({ externalId }) => externalId)).toEqual([
      roles.a,
      `${roles.b}#r1`,
    ]);
  },
);

test('an answer lost before the commit is later, and nothing changed', async () => {
  const { call, relay, roles } = await pair();
  relay.loseAnswerTo('alter role');
  expect((await failure(() => connector.issue(call, { rotationId: 'r1' }))).retry).toBe('later');
  relay.loseAnswerTo('nothing has this text');
  expect((await connector.listSecrets(call)).map(({ externalId }) => externalId)).toEqual([roles.a]);
  expect(await commentOf(roles, roles.b)).toBeNull();
});

test('what people wrote about a role stays, whatever is rotated', async () => {
  const { call, roles } = await pair();
  await roles.sql(`comment on role ${roles.b} is 'Owned by team B; it''s used by billing'`);
  const { externalId } = await connector.issue(call, { rotationId: 'r1' });
  expect(await commentOf(roles, roles.b)).toBe("Owned by team B; it's used by billing [rekey:r1]");
  await connector.revoke(call, externalId);
  expect(await commentOf(roles, roles.b)).toBe("Owned by team B; it's used by billing");
});

test('a version that a later one replaced in its slot counts as gone, and the later one lives on', async () => {
  const { call, roles } = await pair();
  const first = await connector.issue(call, { rotationId: 'r1' });
  await connector.revoke(call, first.externalId);
  const second = await connector.issue(call, { rotationId: 'r2' });
  await connector.revoke(call, first.externalId);
  await connector.revoke(call, roles.b);
  expect(await connector.verify(call, second.fields)).toBe('accepted');
});

test('a role whose tag somebody took away is not revoked: it is a conflict', async () => {
  const { call, roles } = await pair();
  const made = await connector.issue(call, { rotationId: 'r1' });
  await roles.sql(`comment on role ${roles.b} is 'mine'`);
  const error = await failure(() => connector.revoke(call, made.externalId));
  expect(error).toMatchObject({ retry: 'never', because: 'conflict' });
  expect(await connector.verify(call, made.fields)).toBe('accepted');
  const other = await failure(() => connector.revoke(call, 'somebody#r1'));
  expect(other.message).toContain('Nothing was revoked');
});

test('open sessions of a revoked role live on, and end where that is wanted', async () => {
  const { roles, relay, call } = await pair();
  const { fields } = await connector.issue(call, { rotationId: 'r1' });
  const { default: pg } = await import('pg');
  const client = new pg.Client({
    host: '127.0.0.1',
    port: roles.postgres.port,
    user: roles.b,
    password: fields.password?.expose() ?? '',
    database: 'postgres',
  });
  const ended = new Promise((resolve) => client.on('error', resolve));
  await client.connect();
  await connector.revoke(call, `${roles.b}#r1`);
  await client.query('select 1');
  await roles.sql(`grant pg_signal_backend to ${roles.admin}`);
  await connector.revoke(
    callTo(roles, relay, { shape: 'pair', role2: roles.b, endSessions: true }),
    `${roles.b}#r1`,
  );
  expect(await ended).toMatchObject({ code: '57P01' });
});

test('browsing lists roles that log in, without superusers and without Rekey’s own', async () => {
  const { roles, call } = await there();
  const found = await connector.browse({ ...call, place: null });
  const labels = found.map(({ label }) => label);
  expect(labels).toContain(roles.a);
  for (const other of [roles.admin, roles.b, 'postgres']) expect(labels).not.toContain(other);
  expect(connector.place.parse(found.find(({ label }) => label === roles.a)?.place)).toMatchObject({
    shape: 'single',
    role: roles.a,
  });
});

test('the certificate and its name are checked; without TLS at the server nothing is sent', async () => {
  const { roles, relay } = await there();
  const guard = createGuard({
    allowHosts: ['127.0.0.1', 'target.test'],
    resolver: async () => ['127.0.0.1'],
  });
  const to = (config: object) => ({
    ...callTo(roles, relay, {}, { encryption: 'tls', ...config }),
    resolve: guard.resolve,
  });
  const none = await failure(() => connector.check(to({})));
  expect(none.retry).toBe('never');
  expect(none.message).toContain('speaks no TLS');
  expect(relay.sent()).not.toContain(roles.admin);
  const { data } = roles.postgres;
  const owner = fs.statSync(data);
  for (const [file, text] of [
    ['server.crt', certificate],
    ['server.key', privateKey],
  ] as const) {
    fs.writeFileSync(path.join(data, file), text, { mode: 0o600 });
    fs.chownSync(path.join(data, file), owner.uid, owner.gid);
  }
  await roles.sql('alter system set ssl = on', 'select pg_reload_conf()');
  closing.push(async () => void (await roles.sql('alter system reset ssl', 'select pg_reload_conf()')));
  await connector.check(to({ host: 'target.test', ca: certificate }));
  for (const config of [{ host: 'target.test' }, { ca: certificate }]) {
    const error = await failure(() => connector.check(to(config)));
    expect(error.retry).toBe('never');
    expect(error.message).toContain('is not trusted');
  }
});

test('an address that the guard forbids is never connected to', async () => {
  const { roles, relay } = await there();
  const { resolve } = createGuard({ allowHosts: [] });
  const error = await failure(() => connector.check({ ...callTo(roles, relay, {}), resolve }));
  expect(error.retry).toBe('never');
  expect(error.message).toContain('REKEY_ALLOW_HOSTS');
  expect(relay.connections()).toBe(0);
});

test('a call that is abandoned ends at once', async () => {
  const { roles, relay } = await there();
  const ending = new AbortController();
  relay.stall();
  setTimeout(() => ending.abort(), 50);
  const call = { ...callTo(roles, relay, {}), signal: ending.signal };
  const late = sleep(CONNECT_MS / 2, 'late', { ref: false });
  const first = failure(() => connector.check(call));
  expect(await Promise.race([first, late])).toMatchObject({ retry: 'later' });
  expect((await failure(() => connector.check(call))).message).toContain('abandoned');
});

test('what the server itself does not permit is a matter of permission', async () => {
  const { roles, call } = await there();
  closing.push(async () => void (await roles.sql('grant select on pg_roles to public')));
  await roles.sql('revoke select on pg_roles from public');
  const error = await failure(() => connector.check(call));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).toContain('(42501)');
});
