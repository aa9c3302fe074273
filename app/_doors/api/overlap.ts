import { z } from 'zod';
import { durationInput } from '#app/_doors/api/duration.ts';

const overlaps: Readonly<Record<number, 'now' | '1h' | '24h' | '7d'>> = {
  0: 'now',
  3600: '1h',
  86400: '24h',
  604800: '7d',
};

/** How long the secrets before go on working beside a new one of Rekey's own. */
export const overlapInput = durationInput.transform((seconds, context) => {
  const overlap = overlaps[seconds];
  if (overlap === undefined) {
    context.addIssue('The secrets before end now (PT0S), in an hour (PT1H), a day (P1D) or a week (P7D).');
    return z.NEVER;
  }
  return overlap;
});
