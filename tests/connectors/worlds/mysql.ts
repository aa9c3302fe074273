import { Plaintext } from '#lib/plaintext.ts';
import { fakeAccount, fakeMysql } from '#tests/fakes/mysql.ts';
import type { IssuerWorld } from './world.ts';

async function world(server: 'mysql' | 'mariadb', version: string): Promise<IssuerWorld> {
  const accounts = {
    'rekey@%': fakeAccount('rekey-password'),
    'app@%': fakeAccount('initial-password'),
    'sibling@%': fakeAccount('of-a-sibling'),
  };
  const fake = await fakeMysql(accounts, version);
  return {
    config: {
      server,
      host: '127.0.0.1',
      port: fake.port,
      encryption: 'none',
      user: 'rekey',
      password: 'rekey-password',
    },
    place: { user: 'app' },
    working: { username: new Plaintext('app'), password: new Plaintext('initial-password') },
    ...(server === 'mysql' ? { initial: 'app' } : {}),
    secrets: ['initial-password', 'rekey-password'],
    asksBeforeIssuing: true,
    refuse: async () => {
      const message =
        'Access denied; you need (at least one of) the CREATE USER privilege(s) for this operation';
      fake.trouble = { code: 1227, message, on: 'user' };
    },
    breakDown: fake.close,
    close: fake.close,
  };
}

export const mysqlWorld = () => world('mysql', '8.4.6');
export const mariadbWorld = () => world('mariadb', '10.11.19-MariaDB');
