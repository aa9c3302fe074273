import { Plaintext } from '#lib/plaintext.ts';
import { fakeHydra } from '#tests/fakes/hydra.ts';
import type { IssuerWorld } from './world.ts';

export async function hydraWorld(): Promise<IssuerWorld> {
  const fake = await fakeHydra();
  const clientId = 'fleet/api';
  const { client_secret: secret } = fake.client(clientId);
  return {
    config: { adminUrl: fake.url, publicUrl: fake.url, apiKey: fake.apiKey },
    place: { clientId },
    working: { clientId: new Plaintext(clientId), clientSecret: new Plaintext(secret) },
    secrets: [secret, fake.apiKey],
    refuse: async () => {
      fake.refused = true;
    },
    breakDown: async () => {
      fake.trouble = 'unavailable';
    },
    close: fake.close,
  };
}

/** With the endpoints that keep old secrets. */
export async function hydraKeepingWorld(): Promise<IssuerWorld> {
  const world = await hydraWorld();
  return {
    ...world,
    place: { clientId: 'fleet/api', mode: 'keep old' },
    initial: 'secret',
    // It reads before it writes, so an answer of 503 to all would say no more than this.
    asksBeforeIssuing: true,
    breakDown: world.close,
  };
}
