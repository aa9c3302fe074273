import { assistedWorld } from './worlds/assisted.ts';
import { dotenvWorld } from './worlds/dotenv.ts';
import { surfacescoutWorld } from './worlds/surfacescout.ts';
import { webhookWorld } from './worlds/webhook.ts';
import type { IssuerWorld, TargetWorld } from './worlds/world.ts';

/** One per registered issuer connector; the suite fails without it. */
export const issuerFixtures: Readonly<Record<string, () => Promise<IssuerWorld>>> = {
  surfacescout: surfacescoutWorld,
  assisted: assistedWorld,
};

/** One per registered target connector; the suite fails without it. */
export const targetFixtures: Readonly<Record<string, () => Promise<TargetWorld>>> = {
  dotenv: dotenvWorld,
  webhook: webhookWorld,
};
