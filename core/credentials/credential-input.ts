import { z } from 'zod';
import { limitWords } from '#core/access/scope.ts';

/** What a credential is called. */
export const nameInput = z.string().trim().min(1).max(100);

export const environmentInput = z.string().trim().min(1).max(50);

/** Who looks after it; an empty one is nobody. */
export const ownerInput = z.string().trim().max(100);

/** Labels, each once, in the order in which they were given. Forms separate them with commas, so none has one in it. */
export const labelsInput = limitWords
  .refine((labels) => labels.every((label) => !label.includes(',')), 'A label has no comma in it.')
  .transform((labels) => [...new Set(labels)]);
