import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { ConnectorError } from '#connectors/contract.ts';
import { redisAcl } from '#connectors/issuers/redis-acl.ts';
import { rotateFully } from '#tests/interop/rotate-fully.ts';
import { startRedis } from '#tests/interop/servers/redis.ts';
import { withServer } from '#tests/interop/servers.ts';
import { callWith } from '#tests/support/call.ts';

const PERMISSIONS = [
  '+acl|getuser',
  '+acl|setuser',
  '+acl|dryrun',
  '+acl|save',
  '+acl|list',
  '+info',
  '+auth',
];

await withServer('redis', startRedis, (server) => {
  const config = () => ({
    host: '127.0.0.1',
    port: server.port,
    encryption: 'none',
    user: 'rekey',
    password: 'rekey-password',
  });

  /** Signs in the way a service does. */
  async function signIn(user: string, password: string): Promise<string> {
    const redis = new Redis({
      host: '127.0.0.1',
      port: server.port,
      lazyConnect: true,
      enableReadyCheck: false,
      protocol: 2,
      disableClientInfo: true,
    });
    redis.on('error', () => {});
    try {
      await redis.connect();
      return String(await redis.call('AUTH', user, password));
    } catch (error) {
      return error instanceof Error ? (error.message.split(' ')[0] ?? '') : String(error);
    } finally {
      redis.disconnect();
    }
  }

  test('a user is rotated twice with just the permissions that are named, and a restart keeps it', async () => {
    await server.asRoot('ACL', 'SETUSER', 'rekey', 'on', '>rekey-password', '-@all', ...PERMISSIONS);
    await server.asRoot('ACL', 'SETUSER', 'app', 'on', '>initial-password', '~app:*', '+@read');
    await server.asRoot('ACL', 'SETUSER', 'sibling', 'on', '>of-a-sibling', '~*', '+@read');
    await server.asRoot('ACL', 'SAVE');
    // In the order of their words: the server writes the same rules in another order after a restart.
    const rules = async () => {
      const lines = String(await server.asRoot('ACL', 'LIST')).replaceAll(/#[0-9a-f]{64}/g, '#');
      return lines.split(',').map((line) => line.split(' ').toSorted().join(' '));
    };
    const before = await rules();
    const now = await rotateFully({
      issuer: { kind: 'redis-acl', config: config(), place: { user: 'app' } },
      fields: { username: 'app', password: 'initial-password' },
    });
    for (const time of ['at once', 'after a restart']) {
      expect(await signIn('app', now.password ?? ''), time).toBe('OK');
      expect(await signIn('app', 'initial-password'), time).toBe('WRONGPASS');
      expect(await signIn('sibling', 'of-a-sibling'), time).toBe('OK');
      expect(await rules(), time).toEqual(before);
      if (time === 'at once') await server.restart();
    }
  });

  test.each(['+acl|getuser', '+acl|setuser', '+acl|dryrun', '+acl|save', '+info'])(
    'check names %s where it is missing',
    async (permission) => {
      await server.asRoot('ACL', 'SETUSER', 'rekey', 'reset', 'on', '>rekey-password', ...PERMISSIONS);
      await server.asRoot('ACL', 'SETUSER', 'app', 'on', '>initial-password');
      const call = callWith(redisAcl.config.parse(config()), redisAcl.place.parse({ user: 'app' }));
      await redisAcl.check(call);
      await server.asRoot('ACL', 'SETUSER', 'rekey', permission.replace('+', '-'));
      const error = await redisAcl.check(call).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ConnectorError);
      expect(error).toMatchObject({ retry: 'never', because: 'permission' });
      expect(String(error)).toContain(permission);
    },
  );

  test('browsing reads the real list', async () => {
    const call = callWith(redisAcl.config.parse(config()), null);
    await server.asRoot('ACL', 'SETUSER', 'rekey', '+acl|list');
    const labels = (await redisAcl.browse?.(call))?.map(({ label }) => label);
    expect(labels).toEqual(expect.arrayContaining(['app', 'root', 'sibling']));
    expect(labels).not.toContain('default');
  });
});
