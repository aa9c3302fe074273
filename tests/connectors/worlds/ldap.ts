import { Plaintext } from '#lib/plaintext.ts';
import { fakeDirectory } from '#tests/fakes/ldap.ts';
import type { IssuerWorld } from './world.ts';

export async function ldapWorld(): Promise<IssuerWorld> {
  const fake = await fakeDirectory();
  const { adminDn: bindDn, adminPassword: bindPassword, port } = fake;
  return {
    config: { host: '127.0.0.1', port, security: 'plain', bindDn, bindPassword },
    place: { dn: 'uid=app,dc=example' },
    working: { password: new Plaintext('first-password') },
    secrets: ['first-password', bindPassword],
    refuse: async () => {
      fake.adminPassword = 'changed meanwhile';
    },
    breakDown: async () => {
      fake.trouble = 'cut';
    },
    close: fake.close,
  };
}
