import { z } from 'zod';

/** When credentials rotate first under a policy. */
export const firstRun = z
  .union([z.enum(['next_slot', 'now']), z.strictObject({ at: z.iso.datetime({ offset: true }) })])
  .default('next_slot')
  .meta({
    description: 'At the policy’s next slot, now, or at a time; its window and blackouts count for each.',
  });
