import { Plaintext } from '#lib/plaintext.ts';
import { fakeAuthentik } from '#tests/fakes/authentik.ts';
import type { IssuerWorld } from './world.ts';

export async function authentikWorld(): Promise<IssuerWorld> {
  const fake = await fakeAuthentik();
  const { pk, client_id: clientId, client_secret: secret } = fake.provider(7);
  return {
    config: { baseUrl: fake.url, apiToken: fake.apiToken },
    place: { provider: pk, clientId },
    working: { clientId: new Plaintext(clientId), clientSecret: new Plaintext(secret) },
    secrets: [secret, fake.apiToken],
    refuse: async () => {
      fake.refused = true;
    },
    breakDown: async () => {
      fake.trouble = 'unavailable';
    },
    close: fake.close,
  };
}
