import type { IssuerCan } from '#connectors/contract.ts';
import type { Hold } from '#core/rotation/holds.ts';
import type { Phase, Strategy } from '#core/rotation/strategies.ts';

export const levels = ['accepted', 'read_back', 'redeployed', 'adopted'] as const;

/** How far a delivery is confirmed; each level includes those before it. */
export type Level = (typeof levels)[number];

export function reaches(level: Level | null, needs: Level): boolean {
  return level !== null && levels.indexOf(level) >= levels.indexOf(needs);
}

/** One try at an outside effect. `result` null: it was begun and nobody knows how it ended. */
export interface Step {
  seq: number;
  phase: Phase;
  bindingId: string | null;
  attempt: number;
  result: 'ok' | 'waiting' | 'failed' | null;
  /** False for steps before the rotation was last resumed: they are no longer counted as attempts. */
  counts: boolean;
}

export interface BindingFact {
  id: string;
  targetName: string;
  required: boolean;
  needs: Level;
  /** The level reached with the version being rotated in; null when it was not delivered. */
  level: Level | null;
}

export interface VersionFact {
  id: string;
  n: number;
  fingerprint: string;
  state: 'pending' | 'current' | 'previous' | 'revoked' | 'discarded';
}

/** All that `decide` and `conclude` know. Times are the database's. */
export interface Situation {
  now: Date;
  /** In [0, 1), for jitter: given, so that the same situation always leads to the same decision. */
  random: number;
  rotationId: string;
  credentialId: string;
  credentialName: string;
  strategy: Strategy;
  phase: Phase;
  phaseAt: Date;
  graceSeconds: number;
  overlapEndsAt: Date | null;
  gapStartedAt: Date | null;
  gapEndedAt: Date | null;
  from: VersionFact | null;
  to: VersionFact | null;
  /** When the version being rotated in was issued; propagation is counted from here. */
  issuedAt: Date | null;
  can: IssuerCan;
  bindings: readonly BindingFact[];
  /** The steps of the current phase, oldest first. */
  steps: readonly Step[];
  nextSeq: number;
}

/** Why an attempt did not succeed, and the hold it leads to when there is no further attempt. */
export interface Failure {
  message: string;
  retry: 'later' | 'never' | 'unknown';
  retryAfterSeconds?: number;
  hold: Hold;
}
