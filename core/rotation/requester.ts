import { z } from 'zod';

/** Who asked, as it is stored. */
export const requester = z.object({ id: z.string().nullable(), name: z.string() });

export type Requester = z.output<typeof requester>;
