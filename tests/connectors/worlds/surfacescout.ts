import { Plaintext } from '#lib/plaintext.ts';
import { fakeSurfaceScout } from '#tests/fakes/surfacescout.ts';
import type { IssuerWorld } from './world.ts';

export async function surfacescoutWorld(): Promise<IssuerWorld> {
  const fake = await fakeSurfaceScout({ maxLive: 2 });
  const first = fake.live.get('first')?.value ?? '';
  const { clientId, maxLive, readBack } = fake.behaviour;
  return {
    config: { baseUrl: `${fake.url}/`, adminToken: fake.adminToken },
    place: { clientId, maxLive, readBack },
    working: { clientId: new Plaintext(clientId), clientSecret: new Plaintext(first) },
    initial: 'first',
    secrets: [first, fake.adminToken],
    refuse: async () => {
      fake.trouble = 'unauthorized';
    },
    breakDown: async () => {
      fake.trouble = 'unavailable';
    },
    close: fake.close,
  };
}
