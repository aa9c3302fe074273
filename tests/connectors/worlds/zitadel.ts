import { Plaintext } from '#lib/plaintext.ts';
import { fakeZitadel } from '#tests/fakes/zitadel.ts';
import type { IssuerWorld } from './world.ts';

export async function zitadelWorld(): Promise<IssuerWorld> {
  const fake = await fakeZitadel();
  const { applicationId, projectId, clientId, clientSecret } = fake.application('2001');
  return {
    config: { baseUrl: fake.url, token: fake.token },
    place: { projectId, applicationId },
    working: { clientId: new Plaintext(clientId), clientSecret: new Plaintext(clientSecret) },
    secrets: [clientSecret, fake.token],
    refuse: async () => {
      fake.refused = true;
    },
    // It reads before it writes, so an answer of 503 to all would say no more than this.
    asksBeforeIssuing: true,
    breakDown: fake.close,
    close: fake.close,
  };
}
