import { z } from 'zod';
import { Problem } from '#lib/problem.ts';

/** What Prisma says where a row met a unique index. */
const notUnique = z.object({
  code: z.literal('P2002'),
  meta: z.object({
    driverAdapterError: z.object({ cause: z.object({ constraint: z.object({ index: z.string() }) }) }),
  }),
});

/**
 * Two who give the same name at once both find it free, and the second one meets the index: to them the name is taken, as it is to
 * whoever comes later. Anything else stays what it is.
 */
export function asTaken(error: unknown): unknown {
  const index = notUnique.safeParse(error).data?.meta.driverAdapterError.cause.constraint.index;
  if (index === undefined || !/_(name_key|one_live_name)$/.test(index)) {
    return error;
  }
  const sentence = 'Somebody gave this name at the same moment.';
  return new Problem(409, 'name_taken', `${sentence} Nothing was saved.`, {}, { name: sentence });
}
