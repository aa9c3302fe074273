/**
 * How often, and for how long, a step that fails is tried again before the rotation is held. A policy may ask for less, never
 * for more: issuers count what they refuse, and what waits longer than this needs a person.
 */
export const retryLimits = {
  attempts: { least: 1, most: 8 },
  seconds: { least: 60, most: 3600 },
} as const;
