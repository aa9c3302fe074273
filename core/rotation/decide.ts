import type { AuditEvent } from '#core/audit/events.ts';
import type { Commit } from '#core/rotation/commit-step.ts';
import { describe } from '#core/rotation/describe.ts';
import { type BindingFact, type Failure, reaches, type Situation } from '#core/rotation/situation.ts';
import { phaseAfter } from '#core/rotation/strategies.ts';

/*
 * All rules of a rotation, as pure functions: `decide` says what to do now, `conclude` what the result of an effect
 * means. Neither reads a clock, a table or the network.
 */

export type Decision =
  /** Begin these outside effects: one, or one for each binding. */
  | { do: 'perform'; bindingIds: readonly (string | null)[] }
  /** Nothing to do outside: store this. */
  | { do: 'commit'; commit: Commit }
  | { do: 'wait'; until: Date };

/** How one outside effect ended. */
export type Performed = { bindingId: string | null } & (
  | { ended: 'done'; commit?: Commit }
  /** Not yet: ask again. Not a failure, and not counted as one. */
  | { ended: 'waiting'; seconds: number; commit?: Commit }
  | { ended: 'failed'; failure: Failure }
);

const RETRY = { attempts: 8, baseSeconds: 1, capSeconds: 60 };

const later = (now: Date, seconds: number) => new Date(now.getTime() + seconds * 1000);

/** Stores `commit` and moves to the phase after this one, or completes the rotation after the last. */
function moveOn(
  situation: Situation,
  commit: Partial<Commit['patch']> = {},
  events: AuditEvent[] = [],
): Commit {
  const next = phaseAfter(situation.strategy, situation.phase);
  const rotation = { ...commit.rotation, next_attempt_at: situation.now };
  if (next !== null) {
    return { patch: { ...commit, rotation: { ...rotation, phase: next } }, events };
  }
  const gap = gapSeconds(situation);
  const completed: AuditEvent = {
    action: 'rotation.completed',
    ...describe(situation),
    ...(gap === null ? {} : { gapSeconds: gap }),
  };
  return {
    patch: { ...commit, rotation: { ...rotation, outcome: 'completed', lease_until: null } },
    events: [...events, completed],
  };
}

function gapSeconds({ gapStartedAt, gapEndedAt }: Situation): number | null {
  return gapStartedAt === null || gapEndedAt === null
    ? null
    : Math.max(0, gapEndedAt.getTime() - gapStartedAt.getTime()) / 1000;
}

/** pending→current and current→previous, in one commit. */
function promote(situation: Situation): Commit {
  const { from, to, now } = situation;
  if (to === null) {
    throw new Error(`Rotation ${situation.rotationId} cannot promote before a secret was issued.`);
  }
  const versions = [
    ...(from === null ? [] : [{ id: from.id, state: 'previous' }]),
    { id: to.id, state: 'current', promoted_at: now },
  ];
  const overlapEndsAt = situation.strategy === 'overlap' ? later(now, situation.graceSeconds) : null;
  const promoted: AuditEvent = {
    action: 'rotation.promoted',
    ...describe(situation),
    version: to.n,
    fingerprint: to.fingerprint.slice(0, 12),
  };
  return moveOn(situation, { versions, rotation: { overlap_ends_at: overlapEndsAt } }, [promoted]);
}

const isPending = (situation: Situation) => (binding: BindingFact) =>
  situation.phase === 'deliver' ? binding.level === null : !reaches(binding.level, binding.needs);

/** Pure: what to do in this situation. */
export function decide(situation: Situation): Decision {
  switch (situation.phase) {
    case 'promote':
      return { do: 'commit', commit: promote(situation) };
    case 'overlap': {
      const { overlapEndsAt, now } = situation;
      return overlapEndsAt !== null && overlapEndsAt > now
        ? { do: 'wait', until: overlapEndsAt }
        : { do: 'commit', commit: moveOn(situation) };
    }
    case 'deliver':
    case 'confirm': {
      const pending = situation.bindings.filter(isPending(situation));
      return pending.some((binding) => binding.required) ||
        (!situation.steps.some((step) => step.counts) && pending.length > 0)
        ? { do: 'perform', bindingIds: pending.map((binding) => binding.id) }
        : { do: 'commit', commit: withGapEnd(situation, moveOn(situation)) };
    }
    default:
      return { do: 'perform', bindingIds: [null] };
  }
}

/** The gap ends with the last required confirmation. */
function withGapEnd(situation: Situation, commit: Commit): Commit {
  if (situation.phase !== 'confirm' || situation.gapStartedAt === null || situation.gapEndedAt !== null) {
    return commit;
  }
  const rotation = { ...commit.patch.rotation, gap_ended_at: situation.now };
  return { ...commit, patch: { ...commit.patch, rotation } };
}

/** Exponential, with full jitter, never sooner than the other side asked for. */
function backOff(attempt: number, failure: Failure, random: number): number {
  const most = Math.min(RETRY.capSeconds, RETRY.baseSeconds * 2 ** (attempt - 1));
  return Math.max(0.2 + random * most, failure.retryAfterSeconds ?? 0);
}

function concludeFailure(situation: Situation, failure: Failure, attempt: number): Commit {
  if (failure.retry !== 'never' && attempt < RETRY.attempts) {
    const seconds = backOff(attempt, failure, situation.random);
    return {
      patch: { rotation: { next_attempt_at: later(situation.now, seconds), lease_until: null } },
      events: [],
    };
  }
  const { hold, message } = failure;
  const held: AuditEvent = {
    action: 'rotation.held',
    outcome: 'failure',
    ...describe(situation),
    hold,
    detail: message,
  };
  return { patch: { rotation: { hold, hold_detail: message, lease_until: null } }, events: [held] };
}

const isRequired = (situation: Situation) => (performed: Performed) =>
  performed.bindingId === null ||
  situation.bindings.some((binding) => binding.id === performed.bindingId && binding.required);

/**
 * Pure: what the results of the effects just performed mean for the rotation as a whole. What each of them changed
 * is in its own commit, which is stored together with this one.
 */
export function conclude(situation: Situation, results: readonly Performed[], attempt: number): Commit {
  const counting = results.filter(isRequired(situation));
  const failures = counting.flatMap((result) => (result.ended === 'failed' ? [result.failure] : []));
  const worst = failures.find((failure) => failure.retry === 'never') ?? failures[0];
  if (worst !== undefined) {
    return concludeFailure(situation, worst, attempt);
  }
  const waits = counting.flatMap((result) => (result.ended === 'waiting' ? [result.seconds] : []));
  if (waits.length > 0) {
    const next = later(situation.now, Math.min(...waits));
    return { patch: { rotation: { next_attempt_at: next, lease_until: null } }, events: [] };
  }
  return withGapEnd(situation, moveOn(situation));
}
