import { createConnection } from 'mysql2/promise';
import { expect, test } from 'vitest';
import { ConnectorError } from '#connectors/contract.ts';
import { mysql } from '#connectors/issuers/mysql.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { rotateFully } from '#tests/interop/rotate-fully.ts';
import { startMysql } from '#tests/interop/servers/mysql.ts';
import { withServer } from '#tests/interop/servers.ts';
import { callWith } from '#tests/support/call.ts';

await withServer('mysql', startMysql, (server) => {
  const config = {
    server: 'mysql',
    host: '127.0.0.1',
    port: server.port,
    encryption: 'none',
    user: 'rekey',
    password: 'rekey-password',
  };

  const callTo = (place: object) => callWith(mysql.config.parse(config), mysql.place.parse(place));
  const issued = (call: ReturnType<typeof callTo>, rotationId: string, value = `password of ${rotationId}`) =>
    mysql.issue?.(call, { rotationId, chosen: new Plaintext(value) });

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

  async function prepare(): Promise<void> {
    await server.asRoot(
      'drop user if exists rekey, app, sibling',
      "create user rekey identified by 'rekey-password'",
      'grant create user on *.* to rekey',
      'grant select on mysql.user to rekey',
      // One refused sign-in locks the account: none is made with a dead password.
      "create user app identified by 'initial-password' failed_login_attempts 1 password_lock_time unbounded",
      'alter user app attribute \'{"team": "fleet"}\'',
      "create user sibling identified by 'of-a-sibling'",
    );
  }

  async function attributeOf(user: string): Promise<unknown> {
    const [row] = await server.asRoot(
      `select attribute as attribute from information_schema.user_attributes where user = '${user}'`,
    );
    const { attribute } = row ?? {};
    return typeof attribute === 'string' ? JSON.parse(attribute) : attribute;
  }

  async function failure(act: () => Promise<unknown>): Promise<ConnectorError> {
    const error = await act().catch((reason: unknown) => reason);
    if (error instanceof ConnectorError) return error;
    throw new Error('expected a ConnectorError', { cause: error });
  }

  test('two rotations end with the newest password alone, and the account was never tried with a dead one', async () => {
    await prepare();
    const now = await rotateFully({
      issuer: { kind: 'mysql', config, place: { user: 'app' } },
      fields: { username: 'app', password: 'initial-password' },
      externalId: 'app',
    });
    expect(await signIn('app', now.password ?? '')).toBeUndefined();
    const [row] = await server.asRoot(
      "select json_contains_path(User_attributes, 'one', '$.additional_password') as kept from mysql.user where User = 'app'",
    );
    expect(row?.kept).toBe(0);
    expect(await attributeOf('app')).toMatchObject({ team: 'fleet' });
    expect(await signIn('sibling', 'of-a-sibling')).toBeUndefined();
    expect(await attributeOf('sibling')).toBeNull();
    expect(await server.log()).not.toContain(now.password);
    // Last, because it locks the account.
    expect(await signIn('app', 'initial-password')).toBe(
      'ER_USER_ACCESS_DENIED_FOR_USER_ACCOUNT_BLOCKED_BY_PASSWORD_LOCK',
    );
  });

  test('both passwords work until the older is revoked, and a third one is refused', async () => {
    await prepare();
    const call = callTo({ user: 'app' });
    await mysql.check(call);
    await issued(call, 'one');
    await issued(call, 'one');
    for (const value of ['initial-password', 'password of one'])
      expect(await mysql.verify(call, { password: new Plaintext(value) })).toBe('accepted');
    expect(await mysql.listSecrets?.(call)).toMatchObject([
      { externalId: 'app#one', tag: 'one' },
      { externalId: 'app' },
    ]);
    const full = await failure(async () => issued(call, 'two'));
    expect(full).toMatchObject({ retry: 'never', because: 'conflict' });
    expect(full.message).toContain('app#one and app are live');
    for (let time = 0; time < 2; time += 1) await mysql.revoke?.(call, 'app');
    expect(await mysql.listSecrets?.(call)).toMatchObject([{ externalId: 'app#one' }]);
    expect(await signIn('app', 'password of one')).toBeUndefined();
  });

  test('on the way back the older password is the only one, as it was before', async () => {
    await prepare();
    const call = callTo({ user: 'app' });
    const hash = async () =>
      (await server.asRoot("select authentication_string as hash from mysql.user where User = 'app'"))[0];
    const before = await hash();
    await issued(call, 'one');
    for (let time = 0; time < 2; time += 1) await mysql.revoke?.(call, 'app#one');
    expect(await mysql.listSecrets?.(call)).toMatchObject([{ externalId: 'app' }]);
    expect(await hash()).toEqual(before);
    expect(await signIn('app', 'initial-password')).toBeUndefined();
  });

  test('an only password is not revoked', async () => {
    await prepare();
    const error = await failure(async () => mysql.revoke?.(callTo({ user: 'app' }), 'app'));
    expect(error).toMatchObject({ retry: 'never', because: 'conflict' });
    expect(await signIn('app', 'initial-password')).toBeUndefined();
  });

  test.each(['it\'s "quoted" \\ back', 'Grüße \u{1F600}'])(
    'a value of any letters is set: %s',
    async (value) => {
      await prepare();
      const call = callTo({ user: 'app' });
      const made = await issued(call, 'one', value);
      expect(await mysql.verify(call, made?.fields ?? {})).toBe('accepted');
    },
  );

  test('check names each privilege that is missing, and makes no account', async () => {
    await prepare();
    const call = callTo({ user: 'app' });
    const accounts = () => server.asRoot('select User, Host from mysql.user order by 1, 2');
    const before = await accounts();
    await mysql.check(call);
    expect(await accounts()).toEqual(before);
    await server.asRoot('revoke create user on *.* from rekey');
    const create = await failure(() => mysql.check(call));
    expect(create).toMatchObject({ retry: 'never', because: 'permission' });
    expect(create.message).toContain('CREATE USER');
    await server.asRoot('grant create user on *.* to rekey', 'revoke select on mysql.user from rekey');
    const select = await failure(() => mysql.check(call));
    expect(select).toMatchObject({ retry: 'never', because: 'permission' });
    expect(select.message).toContain('it lacks SELECT on mysql.user.');
  });

  test('browsing lists accounts, without those of the server itself', async () => {
    await prepare();
    const call = callWith(mysql.config.parse(config), null);
    const labels = (await mysql.browse?.(call))?.map(({ label }) => label);
    expect(labels).toEqual(expect.arrayContaining(['app@%', 'sibling@%']));
    expect(labels?.filter((label) => /^(rekey|mysql\.)/.test(label))).toEqual([]);
  });
});
