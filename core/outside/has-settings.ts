import type { z } from 'zod';

/** Whether what is of this kind has a config to be filled in. Of a kind that this version knows no more, nothing is known to fill in. */
export const hasSettings = (connector: { readonly config: z.ZodObject } | undefined): boolean =>
  connector !== undefined && Object.keys(connector.config.shape).length > 0;
