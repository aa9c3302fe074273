import { z } from 'zod';
import { durationFault, formatDuration, parseDuration } from '#lib/duration.ts';

/** A duration in a request; it becomes seconds. */
export const durationInput = z
  .string()
  .max(50)
  .transform((text, context) => {
    const seconds = parseDuration(text);
    if (seconds === null) {
      context.addIssue(durationFault(text) ?? 'This is not a duration.');
      return z.NEVER;
    }
    return seconds;
  })
  .meta({ format: 'duration', examples: ['P1D'] });

/** A duration in an answer. */
export const duration = z.string().meta({ format: 'duration', examples: ['P1D'] });

/** Seconds as they are answered where there may be none. */
export const maybeDuration = (seconds: number | null): string | null =>
  seconds === null ? null : formatDuration(seconds);
