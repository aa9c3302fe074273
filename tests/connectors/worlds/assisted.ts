import { Plaintext } from '#lib/plaintext.ts';
import { fakeSurfaceScout } from '#tests/fakes/surfacescout.ts';
import type { IssuerWorld } from './world.ts';

export async function assistedWorld(): Promise<IssuerWorld> {
  const fake = await fakeSurfaceScout();
  const first = fake.live.get('first')?.value ?? '';
  const { clientId } = fake.behaviour;
  return {
    config: {
      vendor: 'Example',
      link: 'https://vendor.example/app',
      steps: 'Open Developer Tools.\n\n  Press Rotate. \r\nCopy the secret.',
      tokenUrl: `${fake.url}/oauth/token`,
    },
    place: { clientId },
    working: { clientSecret: new Plaintext(first) },
    secrets: [first],
    breakDown: async () => {
      fake.trouble = 'unavailable';
    },
    close: fake.close,
  };
}
