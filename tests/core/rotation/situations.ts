import type { IssuerCan } from '#connectors/contract.ts';
import { apply } from '#core/rotation/apply.ts';
import type { Commit } from '#core/rotation/commit-step.ts';
import { conclude, type Decision, decide, type Performed } from '#core/rotation/decide.ts';
import type {
  BindingFact,
  DeliveryFact,
  Failure,
  Situation,
  Step,
  VersionFact,
} from '#core/rotation/situation.ts';
import type { Phase, Strategy } from '#core/rotation/strategies.ts';

/* Situations for tests of the rules: what is not said is the usual case. */

export const now = new Date('2026-11-23T12:00:00Z');
export const at = (seconds: number) => new Date(now.getTime() + seconds * 1000);

export function version(n: number, changes: Partial<VersionFact> = {}): VersionFact {
  return {
    id: `00000000-0000-7000-8000-00000000010${n}`,
    n,
    fingerprint: `${n}`.repeat(64),
    state: n === 1 ? 'current' : 'pending',
    externalId: `secret-${n}`,
    sealed: `sealed-${n}`,
    createdAt: now,
    endsAt: null,
    revokedAt: null,
    ...changes,
  };
}

export const v1 = version(1);
export const v2 = version(2);

export function binding(id: string, changes: Partial<BindingFact> = {}): BindingFact {
  const usual = { required: true, canary: false, needs: 'read_back' as const };
  return {
    id,
    targetName: `target ${id}`,
    ...usual,
    readsNext: false,
    redeploys: false,
    reports: false,
    ...changes,
  };
}

export function delivery(
  bindingId: string,
  level: DeliveryFact['level'],
  changes: Partial<DeliveryFact> = {},
): DeliveryFact {
  return { versionId: v2.id, bindingId, slot: 'primary', level, updatedAt: now, ...changes };
}

export function step(seq: number, phase: Phase, changes: Partial<Step> = {}): Step {
  const usual = { direction: 'forward' as const, bindingId: null, attempt: 1, ref: null, notBefore: null };
  return { seq, phase, ...usual, result: 'ok', intentAt: now, ...changes };
}

const usualCan: IssuerCan = {
  maxLive: 2,
  overlap: 'explicit',
  chosenValue: false,
  readBack: false,
  list: true,
  tags: true,
  expiry: false,
  reversibleRevoke: false,
  revokeNeedsValue: false,
  usageSignal: false,
  propagationSeconds: 0,
  failedSignIns: 10,
};

/** What the issuer can do where this strategy is chosen. */
export function canOf(strategy: Strategy, changes: Partial<IssuerCan> = {}): IssuerCan {
  const single = { maxLive: 1, overlap: 'none' as const };
  const own = {
    overlap: {},
    graced: { overlap: 'graced' as const },
    prestage: { ...single, chosenValue: true },
    'cut-over': single,
    assisted: single,
  }[strategy];
  return { ...usualCan, ...own, ...changes };
}

export function situation(changes: Partial<Situation> = {}): Situation {
  const strategy = changes.strategy ?? 'overlap';
  const steps = changes.steps ?? [];
  return {
    now,
    random: 0.5,
    rotationId: '00000000-0000-7000-8000-000000000001',
    credentialId: '00000000-0000-7000-8000-000000000002',
    credentialName: 'fleet-api',
    issuer: { id: '00000000-0000-7000-8000-000000000003', name: 'SurfaceScout', healthy: true, failures: 0 },
    strategy,
    direction: 'forward',
    directionAt: null,
    supersedes: null,
    phase: 'preflight',
    phaseAt: now,
    outcome: null,
    hold: null,
    graceSeconds: 3600,
    graceAfterUseSeconds: null,
    usageLookedAt: null,
    newSeenAt: null,
    oldSeenAt: null,
    deliverySeconds: 0,
    closesAt: null,
    retryAttempts: 8,
    retrySeconds: 3600,
    overlapEndsAt: null,
    gapStartedAt: null,
    gapEndedAt: null,
    from: v1,
    to: v2,
    leftovers: [],
    can: canOf(strategy),
    bindings: [binding('b1')],
    deliveries: [],
    steps,
    nextSeq: (steps.at(-1)?.seq ?? 0) + 1,
    ...changes,
  };
}

export const done = (bindingId: string | null = null): Performed => ({ bindingId, ended: 'done' });

export const waiting = (bindingId: string | null = null, seconds = 1): Performed => ({
  bindingId,
  ended: 'waiting',
  seconds,
});

export const failed = (failure: Partial<Failure> = {}, bindingId: string | null = null): Performed => ({
  bindingId,
  ended: 'failed',
  failure: { message: 'It failed.', retry: 'later', hold: 'delivery_exhausted', ...failure },
});

/** What a decision without an outside effect stores. */
export function commitOf(decision: Decision): Commit {
  if (decision.do !== 'commit') {
    throw new Error(`It was decided to ${decision.do}.`);
  }
  return decision.commit;
}

/** The bindings that an effect is begun for. */
export function performedOn(decision: Decision): readonly (string | null)[] {
  if (decision.do !== 'perform') {
    throw new Error(`It was decided to ${decision.do}.`);
  }
  return decision.bindingIds;
}

/** The situation after these results. */
export function concluded(before: Situation, results: readonly Performed[]): Situation {
  return conclude(before, results).reduce(apply, before);
}

/** The situation after a decision that needs no outside effect. */
export const decided = (before: Situation): Situation => apply(before, commitOf(decide(before)));
