import type { RotationView } from '#core/rotation/read-rotation.ts';

/** A rotation in the middle of delivering, for tests of what is shown of it. */
export const view: RotationView = {
  id: '01900000-0000-7000-8000-000000000001',
  credentialId: '01900000-0000-7000-8000-000000000002',
  credential: 'fleet-api',
  issuer: 'SurfaceScout',
  strategy: 'cut-over',
  direction: 'forward',
  phase: 'deliver',
  actions: [],
  mayBreakGlass: false,
  phases: ['preflight', 'issue', 'promote', 'deliver', 'confirm', 'verify', 'prove'],
  outcome: null,
  hold: null,
  reason: null,
  requestedBy: 'Anna',
  fromVersion: 1,
  toVersion: 2,
  graceSeconds: 0,
  overlapEndsAt: null,
  predictedGapSeconds: 2,
  gapStartedAt: null,
  gapSeconds: null,
  createdAt: '2026-11-23T12:00:00.000Z',
  endedAt: null,
  nextAttemptAt: '2026-11-23T12:00:05.000Z',
  targets: [],
  steps: [],
  task: null,
  lastEventId: '7',
};

export const step: RotationView['steps'][number] = {
  seq: 1,
  phase: 'deliver',
  direction: 'forward',
  target: 'Env file',
  attempt: 1,
  result: 'ok',
  error: null,
  seconds: 0.5,
};
