/**
 * For what is not within its bound yet: the worst ratio of a pair in the run of which docs/benchmarks.md tells. A run whose
 * median is worse than this has lost something. A figure here may only get better, and goes when its bound is met.
 */
export const recorded: Readonly<Record<string, number>> = {};
