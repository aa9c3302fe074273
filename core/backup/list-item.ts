import { z } from 'zod';

/**
 * What was found of one credential after a restore. `same`: what is stored is in use. `imported`: a newer secret was read back, and is
 * stored as current. `unproven`: it stays paused, and the sentence says why.
 */
export const listItem = z.object({
  credentialId: z.uuid(),
  credential: z.string(),
  issuer: z.string(),
  outcome: z.enum(['same', 'imported', 'unproven']),
  /** The number of the current version, as it is stored now; null where there is none. */
  version: z.number().int().nullable(),
  sentence: z.string(),
  targets: z.array(z.object({ target: z.string(), holds: z.string() })),
  /** The issuer refused this version when it was tried, so that it is not tried again. */
  refused: z.uuid().nullable(),
  /** It was paused here and not by a person, so that a later comparison may let it go on. */
  pausedHere: z.boolean(),
});

export type ListItem = z.output<typeof listItem>;

export const storedList = z.array(listItem);
