import { z } from 'zod';

const DAY = 24 * 60 * 60;

export const DEFAULT_GRACE_SECONDS = DAY;

/** How long the old version is kept after the new one was seen in use, in seconds: at most 90 days, and never beyond the grace period. */
export const graceAfterUseSeconds = z
  .int()
  .min(60, 'It is at least one minute.')
  .max(90 * DAY, 'An overlap lasts at most 90 days.');

/** How long the old version is kept after promotion, in seconds: at most 90 days. */
export const graceSeconds = z
  .int()
  .min(0, 'The overlap cannot end before it begins.')
  .max(90 * DAY, 'An overlap lasts at most 90 days.');
