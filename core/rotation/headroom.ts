import type { Situation } from '#core/rotation/situation.ts';

/* Whether a delivery fits into the time that is left for it. Pure. */

/** Shorter than this no delivery can be counted on, so a graced issuer is never asked for less. */
export const LEAST_GRACE_SECONDS = 60;

interface Limit {
  seconds: number;
  until: string;
}

function limitsOf({ strategy, graceSeconds, closesAt, now }: Situation): Limit[] {
  // Who wants no overlap has said so, and a breach does not wait for time.
  const graced = strategy === 'graced' && graceSeconds > 0;
  const window = closesAt === null ? [] : [{ seconds: (closesAt.getTime() - now.getTime()) / 1000 }];
  return [
    ...(graced
      ? [{ seconds: Math.max(graceSeconds, LEAST_GRACE_SECONDS), until: 'the issuer ends the old secret' }]
      : []),
    ...window.map((one) => ({ ...one, until: 'its maintenance window closes' })),
  ];
}

const words = (seconds: number) => `${Math.max(0, Math.floor(seconds))} s`;

/** Why a secret is better not issued now, as a sentence; null where there is time enough for its delivery. */
export function headroomTooSmall(situation: Situation): string | null {
  const { deliverySeconds } = situation;
  const [tight] = limitsOf(situation).filter(({ seconds }) => seconds < deliverySeconds);
  return tight === undefined
    ? null
    : `Delivery usually takes ${words(deliverySeconds)}, and ${words(tight.seconds)} would be left until ${tight.until}. Nothing was issued.`;
}
