import { Plaintext } from '#lib/plaintext.ts';
import { fakeRedis, fakeUser, sha256 } from '#tests/fakes/redis.ts';
import type { IssuerWorld } from './world.ts';

export async function redisAclWorld(): Promise<IssuerWorld> {
  const fake = await fakeRedis({
    rekey: fakeUser('rekey-password'),
    app: fakeUser('initial-password'),
    sibling: fakeUser('of-a-sibling'),
  });
  return {
    config: {
      host: '127.0.0.1',
      port: fake.port,
      encryption: 'none',
      user: 'rekey',
      password: 'rekey-password',
    },
    place: { user: 'app' },
    working: { username: new Plaintext('app'), password: new Plaintext('initial-password') },
    initial: `sha256:${sha256('initial-password').slice(0, 16)}`,
    secrets: ['initial-password', 'rekey-password'],
    asksBeforeIssuing: true,
    refuse: async () => {
      for (const command of ['acl|setuser', 'acl|getuser']) fake.users.get('rekey')?.denied.add(command);
    },
    breakDown: fake.close,
    close: fake.close,
  };
}
