import { Plaintext } from '#lib/plaintext.ts';
import { fakeKeycloak } from '#tests/fakes/keycloak.ts';
import type { IssuerWorld } from './world.ts';

export async function keycloakWorld(): Promise<IssuerWorld> {
  const fake = await fakeKeycloak();
  const { secret } = fake.client('fleet');
  return {
    config: { baseUrl: fake.url, adminClientId: 'rekey', adminClientSecret: fake.adminSecret },
    place: { realm: 'shop', clientId: 'fleet' },
    working: { clientId: new Plaintext('fleet'), clientSecret: new Plaintext(secret) },
    secrets: [secret, fake.adminSecret],
    refuse: async () => {
      fake.signInRefused = true;
    },
    breakDown: async () => {
      fake.trouble = 'unavailable';
    },
    close: fake.close,
  };
}

/** Under a client policy with the executor secret-rotation. */
export async function keycloakPolicyWorld(): Promise<IssuerWorld> {
  const fake = await fakeKeycloak();
  const client = fake.client('fleet');
  fake.policy = true;
  client.attributes['client.secret.expiration.time'] = `${Math.floor(Date.now() / 1000) + 2_592_000}`;
  return {
    config: { baseUrl: fake.url, adminClientId: 'rekey', adminClientSecret: fake.adminSecret },
    place: { realm: 'shop', clientId: 'fleet', mode: 'rotation policy' },
    working: { clientId: new Plaintext('fleet'), clientSecret: new Plaintext(client.secret) },
    initial: 'secret#imported',
    secrets: [client.secret, fake.adminSecret],
    refuse: async () => {
      fake.role = 'none';
    },
    // It reads before it writes, so an answer of 503 to all would say no more than this.
    asksBeforeIssuing: true,
    breakDown: fake.close,
    close: fake.close,
  };
}
