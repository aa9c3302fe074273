import { z } from 'zod';
import { graceSeconds } from '#core/rotation/grace.ts';

/** A batch is a list that a person reads. */
const MOST = 500;

/** Which credentials, each once and in the order in which they start, and how many at a time. */
export const batchInput = z.object({
  credentialIds: z
    .array(z.uuid())
    .min(1, 'Choose at least one credential.')
    .max(MOST, `A batch has at most ${MOST} credentials. Narrow the choice.`)
    .refine((ids) => new Set(ids).size === ids.length, 'Name each credential once.'),
  maxConcurrency: z
    .int()
    .min(1, 'At least one has to be rotated at a time.')
    .max(50, 'At most 50 are rotated at the same time.')
    .default(5),
  /** Of each old version. Left out: what the policy of each credential says, or else a day. */
  graceSeconds: graceSeconds.optional(),
});
