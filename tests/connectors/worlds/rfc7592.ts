import { Plaintext } from '#lib/plaintext.ts';
import { fakeRegistration } from '#tests/fakes/registration.ts';
import type { IssuerWorld } from './world.ts';

export async function rfc7592World(): Promise<IssuerWorld> {
  const fake = await fakeRegistration();
  // The suite keeps no place secrets between its calls; the connector's own tests do.
  fake.rotatesToken = 'never';
  const { client_id, client_secret } = fake.client;
  return {
    config: { tokenUrl: `${fake.url}/token` },
    place: {
      clientId: client_id,
      registrationUri: `${fake.url}/register/${client_id}`,
      registrationToken: fake.token,
    },
    working: { clientId: new Plaintext(client_id), clientSecret: new Plaintext(client_secret) },
    secrets: [client_secret, fake.token],
    refuse: async () => {
      fake.token = 'another-token';
    },
    // It reads before it writes, so an answer of 503 to all would say no more than this.
    asksBeforeIssuing: true,
    breakDown: fake.close,
    close: fake.close,
  };
}
