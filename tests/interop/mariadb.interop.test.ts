import { createConnection } from 'mysql2/promise';
import { expect, test } from 'vitest';
import { ConnectorError } from '#connectors/contract.ts';
import { mysql } from '#connectors/issuers/mysql.ts';
import { createGuard } from '#lib/guard.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { certificate } from '#tests/fakes/loopback-tls.ts';
import { rotateFully } from '#tests/interop/rotate-fully.ts';
import { startMariadb } from '#tests/interop/servers/mariadb.ts';
import { runOver } from '#tests/interop/servers/sql-server.ts';
import { withServer } from '#tests/interop/servers.ts';
import { callWith } from '#tests/support/call.ts';

await withServer('mariadb', startMariadb, (server) => {
  const config = (more: object = {}) => ({
    server: 'mariadb',
    host: '127.0.0.1',
    port: server.port,
    encryption: 'none',
    user: 'rekey',
    password: 'rekey-password',
    ...more,
  });

  const callTo = (place: object, more: object = {}) =>
    callWith(mysql.config.parse(config(more)), mysql.place.parse(place));

  /** Signs in the way a service does; answers the server's error code, or undefined when it is let in. */
  async function signIn(user: string, password: string): Promise<string | undefined> {
    try {
      const connection = await createConnection({ host: '127.0.0.1', port: server.port, user, password });
      connection.destroy();
      return undefined;
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : String(error);
    }
  }

  /** The address that the server sees of this machine. */
  async function addressHere(): Promise<string> {
    const signInOfRekey = { host: '127.0.0.1', port: server.port, user: 'rekey', password: 'rekey-password' };
    const [row] = await runOver(signInOfRekey, ["select substring_index(user(), '@', -1) as address"]);
    return String(row?.address);
  }

  async function prepare(): Promise<void> {
    await server.asRoot(
      'drop user if exists rekey, app, sibling',
      "create user rekey identified by 'rekey-password'",
      'grant create user on *.* to rekey',
      'grant select on mysql.global_priv to rekey',
      "create user app identified by 'initial-password'",
      "create user sibling identified by 'of-a-sibling'",
    );
  }

  async function failure(act: () => Promise<unknown>): Promise<ConnectorError> {
    const error = await act().catch((reason: unknown) => reason);
    if (error instanceof ConnectorError) return error;
    throw new Error('expected a ConnectorError', { cause: error });
  }

  test('an account is rotated twice: the new password works, the old one is dead, siblings untouched', async () => {
    await prepare();
    const now = await rotateFully({
      issuer: { kind: 'mysql', config: config(), place: { user: 'app' } },
      fields: { username: 'app', password: 'initial-password' },
    });
    expect(await signIn('app', now.password ?? '')).toBeUndefined();
    expect(await signIn('app', 'initial-password')).toBe('ER_ACCESS_DENIED_ERROR');
    expect(await signIn('sibling', 'of-a-sibling')).toBeUndefined();
    expect(await signIn('rekey', 'rekey-password')).toBeUndefined();
    expect(await server.log()).not.toContain(now.password);
  });

  test.each(['it\'s "quoted" \\ back', 'Grüße \u{1F600}'])(
    'an old value of any letters can be set back: %s',
    async (value) => {
      await prepare();
      const call = callTo({ user: 'app' });
      const made = await mysql.issue?.(call, { rotationId: 'r1', chosen: new Plaintext(value) });
      expect(await mysql.verify(call, made?.fields ?? {})).toBe('accepted');
      expect(await signIn('app', value)).toBeUndefined();
    },
  );

  test('a plugin other than the usual one stays', async () => {
    await prepare();
    await server.asRoot("install soname 'auth_ed25519'").catch(() => undefined);
    await server.asRoot("alter user app identified via ed25519 using password('initial-password')");
    const chosen = new Plaintext("new'value\\");
    await mysql.issue?.(callTo({ user: 'app' }), { rotationId: 'r1', chosen });
    const [row] = await server.asRoot(
      "select json_value(Priv, '$.plugin') as plugin, json_value(Priv, '$.authentication_string') as hash from mysql.global_priv where User = 'app'",
    );
    await server.asRoot("create user twin identified via ed25519 using password('new''value\\\\')");
    const [twin] = await server.asRoot(
      "select json_value(Priv, '$.plugin') as plugin, json_value(Priv, '$.authentication_string') as hash from mysql.global_priv where User = 'twin'",
    );
    expect(row).toEqual(twin);
    await server.asRoot('drop user twin');
  });

  test('check names each privilege that is missing', async () => {
    await prepare();
    const call = callTo({ user: 'app' });
    await mysql.check(call);
    const users = async () =>
      String((await server.asRoot('select count(*) as n from mysql.global_priv'))[0]?.n);
    const before = await users();
    await mysql.check(call);
    expect(await users()).toBe(before);
    await server.asRoot('revoke create user on *.* from rekey');
    const create = await failure(() => mysql.check(call));
    expect(create).toMatchObject({ retry: 'never', because: 'permission' });
    expect(create.message).toContain('it lacks CREATE USER.');
    await server.asRoot('revoke select on mysql.global_priv from rekey');
    const select = await failure(() => mysql.check(call));
    expect(select).toMatchObject({ retry: 'never', because: 'permission' });
    expect(select.message).toContain('it lacks SELECT on mysql.global_priv.');
  });

  test('an account that is missing, signs in in several ways or is another from here is named', async () => {
    await prepare();
    expect((await failure(() => mysql.check(callTo({ user: 'nobody' })))).message).toContain(
      'There is no account nobody@%.',
    );
    await server.asRoot(
      "create or replace user two identified via mysql_native_password using password('x') or unix_socket",
    );
    expect((await failure(() => mysql.check(callTo({ user: 'two' })))).message).toContain(
      'in more than one way',
    );
    const here = await addressHere();
    await server.asRoot('drop user two', `create or replace user app@'${here}' identified by 'near'`);
    const near = await failure(() =>
      mysql.verify(callTo({ user: 'app' }), { password: new Plaintext('near') }),
    );
    expect(near.message).toContain(`for the account app@${here}`);
    await server.asRoot(`drop user app@'${here}'`, 'alter user app account lock');
    const locked = await failure(() =>
      mysql.verify(callTo({ user: 'app' }), { password: new Plaintext('initial-password') }),
    );
    expect(locked.message).toContain('is locked');
  });

  test('check says when the server is not the one in the settings, and when it is read-only', async () => {
    await prepare();
    const other = await failure(() => mysql.check(callTo({ user: 'app' }, { server: 'mysql' })));
    expect(other.message).toContain('This server is MariaDB');
    await server.asRoot('set global read_only = 1');
    try {
      expect((await failure(() => mysql.check(callTo({ user: 'app' })))).message).toContain('is read-only');
    } finally {
      await server.asRoot('set global read_only = 0');
    }
  });

  test('the certificate and its name are checked', async () => {
    await prepare();
    const { resolve } = createGuard({
      allowHosts: ['127.0.0.1', 'target.test', 'other.test'],
      resolver: async () => ['127.0.0.1'],
    });
    const to = (more: object) => ({ ...callTo({ user: 'app' }, { encryption: 'tls', ...more }), resolve });
    await mysql.check(to({ host: 'target.test', ca: certificate }));
    for (const more of [{ host: 'target.test' }, { host: 'other.test', ca: certificate }]) {
      const error = await failure(() => mysql.check(to(more)));
      expect(error.retry).toBe('never');
      expect(error.message).toContain('is not trusted');
    }
    expect((await failure(() => mysql.check(to({ ca: certificate })))).message).toContain(
      "Enter the server's name",
    );
  });

  test('browsing lists accounts', async () => {
    await prepare();
    const call = callWith(mysql.config.parse(config()), null);
    const labels = (await mysql.browse?.(call))?.map(({ label }) => label);
    expect(labels).toEqual(expect.arrayContaining(['app@%', 'sibling@%']));
    expect(labels).not.toContain('rekey@%');
  });
});
