import { Plaintext } from '#lib/plaintext.ts';
import { ownRoles } from '#tests/support/own-postgres.ts';
import { relayTo } from '#tests/support/relay.ts';
import type { IssuerWorld } from './world.ts';

/** A real PostgreSQL, through a relay that can be closed. */
async function world(shape: 'single' | 'pair'): Promise<IssuerWorld> {
  const roles = await ownRoles();
  const relay = await relayTo(roles.postgres.port);
  return {
    config: {
      host: '127.0.0.1',
      port: relay.port,
      encryption: 'none',
      user: roles.admin,
      password: 'rotator-password',
    },
    place: { shape, role: roles.a, ...(shape === 'pair' ? { role2: roles.b } : {}) },
    working: { username: new Plaintext(roles.a), password: new Plaintext('initial-password') },
    ...(shape === 'pair' ? { initial: roles.a, madeUp: true } : {}),
    secrets: ['initial-password', 'rotator-password'],
    refuse: async () => {
      await roles.sql(`alter role ${roles.admin} password 'another'`);
    },
    asksBeforeIssuing: true,
    breakDown: relay.close,
    close: async () => {
      await relay.close();
      await roles.drop();
    },
  };
}

export const postgresqlSingleWorld = () => world('single');
export const postgresqlPairWorld = () => world('pair');
