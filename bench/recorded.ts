/**
 * For what is not within its bound yet: the worst ratio of a pair in the run of which docs/benchmarks.md tells. A run whose
 * median is worse than this has lost something. A figure here may only get better, and goes when its bound is met.
 */
export const recorded: Readonly<Record<string, number>> = {
  'rotations, queue on Postgres': 0.09,
  '  worker CPU per rotation, queue on Postgres': 8.8,
  'rotations, queue on Redis': 0.08,
  '  worker CPU per rotation, queue on Redis': 7.8,
  'click to current, queue on Postgres': 6.3,
  'click to current, queue on Redis': 6.7,
  'rotations with slow peers, queue on Redis': 79,
  'events, against one chain': 2.2,
  'events verified': 0.33,
  'claim, create and ring, queue on Postgres': 1.4,
  'claim, create and ring, queue on Redis': 0.44,
};
