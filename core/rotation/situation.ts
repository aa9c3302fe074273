import type { IssuerCan } from '#connectors/contract.ts';
import type { Level } from '#core/outside/levels.ts';
import type { Hold } from '#core/rotation/holds.ts';
import type { Direction, Phase, Strategy } from '#core/rotation/strategies.ts';

/** One outside effect of a phase. */
export interface Step {
  seq: number;
  direction: Direction;
  phase: Phase;
  bindingId: string | null;
  attempt: number;
  /**
   * `failed`: it did not happen. `unknown`: it failed and may have taken effect. Null: it was begun, and nobody knows
   * how it ended.
   */
  result: 'ok' | 'waiting' | 'failed' | 'unknown' | null;
  intentAt: Date;
  /** What the other side calls the work under way. */
  ref: string | null;
  /** Whoever was asked does not want to be asked again before then. */
  notBefore: Date | null;
}

export interface BindingFact {
  id: string;
  targetName: string;
  required: boolean;
  canary: boolean;
  needs: Level;
  readsNext: boolean;
  /** Its target has to be told to take up what was delivered. */
  redeploys: boolean;
  /** Its consumers say which version they use. */
  reports: boolean;
}

export interface DeliveryFact {
  versionId: string;
  bindingId: string;
  slot: 'primary' | 'next';
  level: Level;
  updatedAt: Date;
}

/** A secret version, with its value sealed. */
export interface VersionFact {
  id: string;
  n: number;
  fingerprint: string;
  state: 'pending' | 'current' | 'previous' | 'revoked' | 'discarded';
  externalId: string | null;
  sealed: string;
  createdAt: Date;
  endsAt: Date | null;
  revokedAt: Date | null;
}

/** All that `decide` and `conclude` know. Times are the database's. */
export interface Situation {
  now: Date;
  /** In [0, 1), for jitter: given, so that the same situation always leads to the same decision. */
  random: number;
  rotationId: string;
  credentialId: string;
  credentialName: string;
  issuer: { id: string; name: string; healthy: boolean; failures: number };
  strategy: Strategy;
  direction: Direction;
  /** Since when deliveries count: the rotation turned back then, or delivers everything again. Null: all count. */
  directionAt: Date | null;
  /** The open rotation that this one ended, because of a breach. */
  supersedes: string | null;
  phase: Phase;
  phaseAt: Date;
  outcome: string | null;
  hold: Hold | null;
  /** How long the old version is kept at the most. */
  graceSeconds: number;
  /** So long after the new one was seen in use the overlap ends; null: it lasts as long as the grace period says. */
  graceAfterUseSeconds: number | null;
  /** When it was last looked who uses which version, when the new one was seen in use, and when the old one was last. */
  usageLookedAt: Date | null;
  newSeenAt: Date | null;
  oldSeenAt: Date | null;
  /** How long a delivery usually takes, from the issue to the promotion. */
  deliverySeconds: number;
  /** When the hours of a scheduled rotation end; null for one that has none, or has begun to change something. */
  closesAt: Date | null;
  /** A step that fails is held after so many attempts, or so much time. */
  retryAttempts: number;
  retrySeconds: number;
  overlapEndsAt: Date | null;
  gapStartedAt: Date | null;
  gapEndedAt: Date | null;
  from: VersionFact | null;
  to: VersionFact | null;
  /** Versions that an earlier rotation left working at the issuer. */
  leftovers: readonly VersionFact[];
  can: IssuerCan;
  bindings: readonly BindingFact[];
  deliveries: readonly DeliveryFact[];
  /** All steps of the rotation, oldest first. */
  steps: readonly Step[];
  nextSeq: number;
}

/** The version that shall be in use when the rotation ends. */
export const incoming = ({ direction, from, to }: Situation) => (direction === 'forward' ? to : from);

/** The version that shall be dead when the rotation ends. */
export const outgoing = ({ direction, from, to }: Situation) => (direction === 'forward' ? from : to);

/** The steps of the present phase that count as attempts: since the phase began or the rotation was resumed. */
export function stepsHere({
  steps,
  phase,
  phaseAt,
  direction,
}: Pick<Situation, 'steps' | 'phase' | 'phaseAt' | 'direction'>): readonly Step[] {
  return steps.filter(
    (step) => step.phase === phase && step.direction === direction && step.intentAt >= phaseAt,
  );
}

/** Whether the rotation tries again, and is held at last, where this step of its phase fails: not so for best effort. */
export const mustSucceed = ({ phase, bindings }: Situation, bindingId: string | null): boolean =>
  bindingId === null ||
  (phase !== 'remove_next' && bindings.some(({ id, required }) => id === bindingId && required));

/** Whether the issuer may have made a secret for this rotation. */
export function issueBegun({ steps }: Situation): boolean {
  return steps.some(
    (step) => step.phase === 'issue' && step.direction === 'forward' && step.result !== 'failed',
  );
}

/** Whether a delivery was made since the rotation turned back, or began to deliver everything again. */
export const deliveryCounts = (
  { directionAt }: Pick<Situation, 'directionAt'>,
  { updatedAt }: Pick<DeliveryFact, 'updatedAt'>,
): boolean => directionAt === null || updatedAt >= directionAt;

/** The level a binding has reached with the incoming version, in this rotation and this direction. */
export function levelOf(
  situation: Situation,
  bindingId: string,
  slot: 'primary' | 'next' = 'primary',
): Level | null {
  const { deliveries } = situation;
  const version = incoming(situation);
  const found = deliveries.find(
    (one) => one.versionId === version?.id && one.bindingId === bindingId && one.slot === slot,
  );
  return found !== undefined && deliveryCounts(situation, found) ? found.level : null;
}

/** Whether the new version may have come to this slot of the binding, on the way forward. */
export function touched(
  { steps, deliveries, to }: Situation,
  bindingId: string,
  slot: 'primary' | 'next',
): boolean {
  const phase = slot === 'primary' ? 'deliver' : 'deliver_next';
  // A person may have put it there and vouched for it.
  const known = deliveries.some(
    (one) => one.versionId === to?.id && one.bindingId === bindingId && one.slot === slot,
  );
  return (
    known ||
    steps.some(
      (step) =>
        step.phase === phase &&
        step.direction === 'forward' &&
        step.bindingId === bindingId &&
        step.result !== 'failed',
    )
  );
}

/**
 * Whether a breach has ended a prestaged rotation whose value the issuer may have taken: what lies there as NEXT is then the
 * only value that works for whoever has not got it in the first place, and the next NEXT takes its place before the issuer knows that one.
 */
export function onlyNextWorks({ supersedes, from, leftovers, bindings, deliveries }: Situation): boolean {
  const has = (bindingId: string, slot: 'primary' | 'next') =>
    deliveries.some((one) => one.versionId === from?.id && one.bindingId === bindingId && one.slot === slot);
  const isDiscarded = leftovers.some(({ state, n }) => state === 'discarded' && n > (from?.n ?? 0));
  return (
    supersedes !== null &&
    (isDiscarded || bindings.some(({ id, required }) => required && has(id, 'next') && !has(id, 'primary')))
  );
}

/** Why an attempt did not succeed, and the hold it leads to when there is no further attempt. */
export interface Failure {
  message: string;
  retry: 'later' | 'never' | 'unknown';
  retryAfterSeconds?: number;
  hold: Hold;
  /** It was the issuer that did not answer as it should. */
  ofIssuer?: boolean;
}
