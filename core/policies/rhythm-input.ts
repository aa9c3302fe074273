import { z } from 'zod';

/** A rhythm as people give it: a fixed distance of at least a minute, or a cron expression with its time zone. */
export const rhythmInput = z.union([
  z.object({
    intervalSeconds: z
      .int()
      .min(60, 'An interval is at least one minute.')
      .max(10 * 366 * 86_400, 'An interval is at most ten years.'),
  }),
  z.object({
    cron: z.string().trim().min(1, 'Enter a cron expression.').max(200),
    timeZone: z.string().trim().min(1, 'Enter a time zone.').max(100),
  }),
]);
