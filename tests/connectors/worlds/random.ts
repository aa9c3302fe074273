import { randomBytes } from 'node:crypto';
import { Plaintext } from '#lib/plaintext.ts';
import type { IssuerWorld } from './world.ts';

export async function randomWorld(): Promise<IssuerWorld> {
  const value = `whsec_${randomBytes(32).toString('base64')}`;
  return {
    config: {},
    place: { format: 'whsec' },
    working: { secret: new Plaintext(value) },
    refusesNothing: true,
    secrets: [value],
    breakDown: async () => undefined,
    close: async () => undefined,
  };
}
