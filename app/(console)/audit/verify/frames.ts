import type { Progress, Verification } from '#core/evidence/verification.ts';

/** One line of what the route answers: how far it is, and at last what it found or that it could not go on. */
export type Frame = { progress: Progress } | { found: Verification } | { problem: string };
