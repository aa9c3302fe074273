import { afterEach, expect, test } from 'vitest';
import { ldap } from '#connectors/issuers/ldap.ts';
import { withDirectory } from '#connectors/ldap-session.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { failure as failureOf } from '#tests/support/failure.ts';
import { type FakeDirectory, fakeDirectory } from '../../fakes/ldap.ts';
import { certificate } from '../../fakes/loopback-tls.ts';
import { callWith } from '../../support/call.ts';

const fakes: FakeDirectory[] = [];
const connector = ldap as Required<typeof ldap>;
const dn = 'uid=app,dc=example';
const chosen = new Plaintext('Rk1-chosen-s3cret');
const wish = { rotationId: 'r1', chosen };

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.close();
});

interface Wanted {
  tls?: boolean;
  history?: boolean;
  config?: Record<string, unknown>;
  place?: Record<string, unknown>;
}

async function directory({ config = {}, place = {}, ...options }: Wanted = {}) {
  const fake = await fakeDirectory(options);
  fakes.push(fake);
  const usual = { host: 'target.test', port: fake.port, security: 'plain' };
  const admin = { bindDn: fake.adminDn, bindPassword: fake.adminPassword };
  const parsed = ldap.config.parse({ ...usual, ...('ownPassword' in place ? {} : admin), ...config });
  const resolve = async (servername: string, port: number) => ({ address: '127.0.0.1', port, servername });
  return { fake, call: callWith(parsed, ldap.place.parse({ dn, ...place }), { resolve }) };
}

const failure = (promise: Promise<unknown>) => failureOf(() => promise, /s3cret|-password/);

test.each(['password-modify', 'replace'] as const)(
  'by %s one entry has the chosen password, every other entry keeps its own',
  async (method) => {
    const { call, fake } = await directory({ config: { method } });
    const issued = await connector.issue(call, wish);
    expect(issued.externalId).toBe(`${dn}#r1`);
    expect(issued.fields.dn?.expose()).toBe(dn);
    expect([...fake.entries]).toEqual([
      [dn, chosen.expose()],
      ['uid=other,dc=example', 'other-password'],
    ]);
    await connector.issue(call, wish);
    expect(fake.refusedBinds).toBe(0);
    expect(fake.seen).toContain(method === 'replace' ? 'modify' : 'password-modify');
  },
);

test('Active Directory is given unicodePwd in quotes and UTF-16, over TLS only', async () => {
  const { call, fake } = await directory({
    tls: true,
    config: { security: 'ldaps', ca: certificate, method: 'active-directory' },
  });
  await connector.check(call);
  await connector.issue(call, wish);
  expect(fake.entries.get(dn)).toBe(chosen.expose());
  const plain = {
    host: 'h',
    security: 'plain',
    method: 'active-directory',
    bindDn: 'cn=a',
    bindPassword: 'p',
  };
  expect(ldap.config.safeParse(plain).error?.issues[0]?.path).toEqual(['security']);
});

test('with StartTLS no sign-in and no password passes before the connection is encrypted', async () => {
  const { call, fake } = await directory({ config: { security: 'starttls', ca: certificate } });
  await connector.check(call);
  await connector.issue(call, wish);
  expect(await connector.verify(call, { password: chosen })).toBe('accepted');
  expect(fake.seen.filter((one) => !one.startsWith('tls '))).toEqual(['starttls', 'starttls', 'starttls']);
  expect(fake.seen).toContain('tls password-modify');
});

test('a directory that refuses StartTLS is told apart, and is sent no password', async () => {
  const { call, fake } = await directory({ config: { security: 'starttls', ca: certificate } });
  for (const [code, retry] of [
    [2, 'never'],
    [52, 'later'],
  ] as const) {
    fake.startTlsRefusal = [code];
    const error = await failure(connector.check(call));
    expect(error.retry).toBe(retry);
    expect(error.message).toContain(`does not begin an encrypted connection (${code})`);
  }
  expect(new Set(fake.seen)).toEqual(new Set(['starttls']));
});

test.each(['ldaps', 'starttls'] as const)(
  'a certificate that is not trusted ends a %s connection before anything is sent, and is never',
  async (security) => {
    const { call, fake } = await directory({ tls: security === 'ldaps', config: { security } });
    const error = await failure(connector.check(call));
    expect(error).toMatchObject({ retry: 'never' });
    expect(error.message).toMatch(/is not trusted \([A-Z_]+\)/);
    const named = await directory({
      tls: security === 'ldaps',
      config: { security, ca: certificate, host: 'another.test' },
    });
    expect((await failure(connector.check(named.call))).message).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
    expect([...fake.seen, ...named.fake.seen].filter((one) => one !== 'starttls')).toEqual([]);
  },
);

test('check tells a missing right from a missing entry, and changes no password', async () => {
  const { call, fake } = await directory();
  await connector.check(call);
  fake.refusal = [50];
  const error = await failure(connector.check(call));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).toBe(
    'Checking the entry uid=app,dc=example failed: cn=admin,dc=example has no write access to the password of uid=app,dc=example (50). Nothing was changed; permit it there.',
  );
  const missing = { ...call, place: { ...call.place, dn: 'uid=nobody,dc=example' } };
  expect((await failure(connector.check(missing))).message).toMatch(/no entry uid=nobody,dc=example/);
  expect(fake.entries.get(dn)).toBe('first-password');
});

test.each([
  [[19, 'Password fails quality checking policy'], 'never', /policy refuses the new value \(19, quality\)/],
  [[19, 'Password is too young to change'], 'never', /changed too recently/],
  [[53, '0000052D: SvcErr'], 'never', /unwilling \(53, quality\)/],
  [[13], 'never', /wants an encrypted connection/],
  [[51], 'later', /busy or out of order \(51\)/],
  [[80], 'never', /result code 80/],
] as const)(
  'a refusal %j to set a password is %s, and the old one still works',
  async (refusal, retry, said) => {
    const { call, fake } = await directory();
    fake.refusal = refusal;
    const error = await failure(connector.issue(call, wish));
    expect(error.retry).toBe(retry);
    expect(error.message).toMatch(said);
    expect(await connector.verify(call, { password: new Plaintext('first-password') })).toBe('accepted');
    expect(fake.refusedBinds).toBe(0);
  },
);

test('a lost answer to the setting is unknown, and the same password is set again without harm', async () => {
  const { call, fake } = await directory();
  fake.trouble = 'cut_after_setting';
  expect((await failure(connector.issue(call, wish))).retry).toBe('unknown');
  fake.trouble = 'none';
  const { fields } = await connector.issue(call, wish);
  expect(fields.password?.equals(chosen)).toBe(true);
});

test('where a history refuses the password that was set before a lost answer, it is found to be in use', async () => {
  const { call, fake } = await directory({ history: true });
  fake.trouble = 'cut_after_setting';
  await failure(connector.issue(call, wish));
  fake.trouble = 'none';
  await connector.issue(call, wish);
  await connector.issue(call, { rotationId: 'r2', chosen: new Plaintext('another-s3cret') });
  const error = await failure(connector.issue(call, wish));
  expect(error.message).toMatch(/policy refuses the new value \(19, it was used before\)/);
});

test('a connection that ends after the sign-in is not opened again without one', async () => {
  const { call, fake } = await directory();
  const later = withDirectory(call, async (client) => {
    await client.bind(fake.adminDn, fake.adminPassword);
    fake.hangUp();
    while (client.isConnected) await new Promise((resolve) => setTimeout(resolve, 5));
    await client.search(dn, { scope: 'base' });
  });
  expect((await failure(later)).retry).toBe('later');
  expect(fake.seen).toEqual(['bind']);
  fake.trouble = 'cut_after_bind';
  expect((await failure(connector.issue(call, wish))).retry).toBe('unknown');
});

test('an entry without an admin changes its own password, and the new one is kept for the next time', async () => {
  const { call, fake } = await directory({ place: { ownPassword: 'first-password' } });
  await connector.check(call);
  const { placeSecrets } = await connector.issue(call, wish);
  expect(placeSecrets?.ownPassword?.equals(chosen)).toBe(true);
  expect(fake.entries.get(dn)).toBe(chosen.expose());
  // The same again with the old sign-in is what follows a lost answer.
  expect((await connector.issue(call, wish)).placeSecrets?.ownPassword?.equals(chosen)).toBe(true);
  const another = new Plaintext('another-s3cret');
  expect(await failure(connector.issue(call, { rotationId: 'r2', chosen: another }))).toMatchObject({
    retry: 'never',
    because: 'permission',
  });
});

test('a sign-in without a password is nobody and proves nothing', async () => {
  const { call, fake } = await directory();
  expect(await connector.verify(call, { password: new Plaintext('') })).toBe('rejected');
  expect(fake.seen).toEqual([]);
});

test('an entry that Active Directory locked or disabled is no wrong password', async () => {
  const { call, fake } = await directory();
  fake.bindRefusal = [
    49,
    '80090308: LdapErr: DSID-0C09042F, comment: AcceptSecurityContext error, data 775, v2580',
  ];
  const error = await failure(connector.verify(call, { password: chosen }));
  expect(error.message).toMatch(/data 775/);
  fake.bindRefusal = [49, '80090308: LdapErr: AcceptSecurityContext error, data 52e, v2580'];
  expect(await connector.verify(call, { password: chosen })).toBe('rejected');
});

test('a busy directory is later, one that is not there is later, an address that is refused is never', async () => {
  const { call, fake } = await directory();
  fake.trouble = 'busy';
  expect((await failure(connector.check(call))).retry).toBe('later');
  await fake.close();
  const gone = await failure(connector.check(call));
  expect(gone.retry).toBe('later');
  expect(gone.message).toMatch(/gave no answer \(ECONNREFUSED\)/);
  const metadata = callWith({ ...call.config, host: '169.254.169.254' }, call.place);
  expect((await failure(connector.check(metadata))).retry).toBe('never');
});

test('a call that is ended ends its connection', async () => {
  const { call } = await directory();
  const error = await failure(connector.check({ ...call, signal: AbortSignal.abort() }));
  expect(error.retry).toBe('later');
});

test('what is entered is complete: a sign-in has both halves, a name is a distinguished one', () => {
  const issues = (entered: object) => ldap.config.safeParse({ host: 'h', ...entered }).error?.issues;
  expect(issues({ bindDn: 'cn=a' })?.[0]?.path).toEqual(['bindPassword']);
  expect(issues({ method: 'active-directory' })?.[0]?.path).toEqual(['bindDn']);
  expect(issues({ bindDn: 'EXTERNAL', bindPassword: 'p' })?.[0]?.path).toEqual(['bindDn']);
  expect(issues({ host: 'ldap://h' })?.[0]?.path).toEqual(['host']);
  expect(ldap.config.parse({ host: 'h' })).toMatchObject({ port: 636, security: 'ldaps' });
});
