import type { TargetCan } from '#connectors/contract.ts';

export const levels = ['accepted', 'read_back', 'redeployed', 'adopted'] as const;

/** How far a delivery is confirmed; each level includes those before it. */
export type Level = (typeof levels)[number];

export function reaches(level: Level | null, needs: Level): boolean {
  return level !== null && levels.indexOf(level) >= levels.indexOf(needs);
}

/** What a binding needs under a policy that wants at least `least`. Only required deliveries are waited for. */
export function neededLevel(own: Level, required: boolean, least: Level | null): Level {
  return least !== null && required && !reaches(own, least) ? least : own;
}

interface Asked {
  name: string;
  can: Pick<TargetCan, 'readBack' | 'redeploy'>;
}

/** Why no delivery to this target can be shown to reach the level, as a sentence; null where it can. */
export function whyNotProvable(
  level: Level,
  { name, can }: Asked,
  consumerUrl: string | null | undefined,
): string | null {
  switch (level) {
    case 'accepted':
      return null;
    case 'read_back':
      return can.readBack === 'none' && can.redeploy !== 'call'
        ? `${name} never shows what it holds, so nothing can be read back there.`
        : null;
    case 'redeployed':
      return can.redeploy === 'call'
        ? null
        : `${name} is not told to redeploy, so there is no end of it to see.`;
    case 'adopted':
      return consumerUrl == null && can.readBack !== 'fetched'
        ? 'Only a consumer can say that it uses a version: enter its address.'
        : null;
  }
}
