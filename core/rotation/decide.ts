import type { AuditEvent } from '#core/audit/events.ts';
import type { Commit } from '#core/rotation/commit-step.ts';
import { describe } from '#core/rotation/describe.ts';
import { headroomTooSmall } from '#core/rotation/headroom.ts';
import { type Hold, holds } from '#core/rotation/holds.ts';
import { asksIssuer, healthOf, isLeftAlone } from '#core/rotation/issuer-health.ts';
import { isBindingPhase, nextPhase, pendingBindings } from '#core/rotation/pending.ts';
import {
  type Failure,
  mustSucceed,
  type Situation,
  stepsHere,
  type VersionFact,
} from '#core/rotation/situation.ts';
import { type Phase, phasesOf } from '#core/rotation/strategies.ts';
import { awaitsUse, endAfterUse, guardsOldUse, isOldInUse, LOOK_SECONDS } from '#core/rotation/usage.ts';

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
  | { ended: 'waiting'; seconds: number; ref?: string; commit?: Commit }
  | { ended: 'failed'; failure: Failure; commit?: Commit }
);

const RETRY = { baseSeconds: 1, capSeconds: 60 };

const later = (now: Date, seconds: number) => new Date(now.getTime() + seconds * 1000);

/** Stores `patch` and moves to the next phase that has work, or ends the rotation after the last. */
function moveOn(situation: Situation, patch: Commit['patch'] = {}, events: AuditEvent[] = []): Commit {
  const next = nextPhase(situation);
  const rotation = { ...patch.rotation, ...gapEnd(situation, next), next_attempt_at: situation.now };
  if (next !== null) {
    return { patch: { ...patch, rotation: { ...rotation, phase: next } }, events };
  }
  const outcome = situation.direction === 'forward' ? 'completed' : 'rolled_back';
  return {
    patch: { ...patch, rotation: { ...rotation, outcome, hold: null, hold_detail: null, lease_until: null } },
    events: [...events, ended(situation, outcome)],
  };
}

function ended(situation: Situation, outcome: 'completed' | 'rolled_back'): AuditEvent {
  const { gapStartedAt, gapEndedAt } = situation;
  if (outcome === 'rolled_back') {
    return { action: 'rotation.rolled_back', ...describe(situation) };
  }
  const seconds =
    gapStartedAt === null ? null : ((gapEndedAt ?? situation.now).getTime() - gapStartedAt.getTime()) / 1000;
  return {
    action: 'rotation.completed',
    ...describe(situation),
    ...(seconds === null ? {} : { gapSeconds: Math.max(0, seconds) }),
  };
}

/** The gap ends with the last required confirmation: when the rotation leaves `confirm` or passes it over. */
function gapEnd(situation: Situation, next: Phase | null): { gap_ended_at?: Date } {
  const { gapStartedAt, gapEndedAt, strategy, direction, now } = situation;
  if (gapStartedAt === null || gapEndedAt !== null) {
    return {};
  }
  const order = phasesOf(strategy, direction);
  const passed = next === null || order.indexOf(next) > order.indexOf('confirm');
  return passed ? { gap_ended_at: now } : {};
}

const named = ({ n, fingerprint }: VersionFact) => ({ version: n, fingerprint: fingerprint.slice(0, 12) });

/** pending→current and current→previous, in one commit; on the way back the new one is discarded instead. */
function promote(situation: Situation): Commit {
  return situation.direction === 'forward' ? promoteNew(situation) : restoreOld(situation);
}

function promoteNew(situation: Situation): Commit {
  const { from, to, now, strategy, graceSeconds } = situation;
  if (to === null) {
    throw new Error(`Rotation ${situation.rotationId} cannot promote before a secret was issued.`);
  }
  const versions = [
    ...(from === null ? [] : [{ id: from.id, state: 'previous' }]),
    { id: to.id, state: 'current', promoted_at: now },
  ];
  const ends = {
    overlap: later(now, graceSeconds),
    graced: graceSeconds === 0 ? now : (from?.endsAt ?? later(now, graceSeconds)),
    prestage: null,
    'cut-over': null,
    assisted: null,
  }[strategy];
  const promoted: AuditEvent = { action: 'rotation.promoted', ...describe(situation), ...named(to) };
  return moveOn(situation, { versions, rotation: { overlap_ends_at: ends } }, [promoted]);
}

function restoreOld(situation: Situation): Commit {
  const { from, to } = situation;
  const versions = [
    ...(to === null ? [] : [{ id: to.id, state: 'discarded' }]),
    ...(from === null ? [] : [{ id: from.id, state: 'current' }]),
  ];
  const discarded: AuditEvent[] =
    to === null ? [] : [{ action: 'secret.discarded', ...describe(situation), ...named(to) }];
  return moveOn(situation, { versions, rotation: { overlap_ends_at: null } }, discarded);
}

/** Holds the rotation with a reason. Nothing outside is changed until a person, or a probe, lets it go on. */
export function holdWith(situation: Situation, hold: Hold, detail: string | null): Commit {
  const event: AuditEvent = {
    action: 'rotation.held',
    outcome: 'failure',
    ...describe(situation),
    hold,
    detail: detail ?? holds[hold].sentence,
  };
  return { patch: { rotation: { hold, hold_detail: detail, lease_until: null } }, events: [event] };
}

function forBindings(situation: Situation, phase: Phase & Parameters<typeof pendingBindings>[1]): Decision {
  const pending = pendingBindings(situation, phase);
  const here = stepsHere(situation);
  const isUntried = (id: string) => !here.some((step) => step.bindingId === id && step.result !== null);
  // A best-effort binding gets one try; NEXT that stays is the same value as the primary one.
  const must = pending.filter((one) => (one.required && phase !== 'remove_next') || isUntried(one.id));
  return must.length > 0
    ? { do: 'perform', bindingIds: pending.map((binding) => binding.id) }
    : { do: 'commit', commit: moveOn(situation) };
}

/**
 * Waits for the end of the overlap. Where the end depends on the new version being seen in use, it is looked for that
 * meanwhile; at the end it is looked once whether the old one still is, and then a person decides.
 */
function duringOverlap(situation: Situation): Decision {
  const { overlapEndsAt: end, now, usageLookedAt: looked } = situation;
  if (end === null) {
    return { do: 'commit', commit: moveOn(situation) };
  }
  if (end > now) {
    const next = looked === null ? now : later(looked, LOOK_SECONDS);
    if (!awaitsUse(situation) || next >= end) {
      return { do: 'wait', until: end };
    }
    return next > now ? { do: 'wait', until: next } : { do: 'perform', bindingIds: [null] };
  }
  if (guardsOldUse(situation) && (looked === null || looked < end)) {
    return { do: 'perform', bindingIds: [null] };
  }
  return {
    do: 'commit',
    commit: isOldInUse(situation) ? holdWith(situation, 'usage_seen', oldUse(situation)) : moveOn(situation),
  };
}

const oldUse = ({ from, oldSeenAt }: Situation) =>
  `v${from?.n ?? 0} was last used at ${oldSeenAt?.toISOString() ?? ''}, after every required target had the new one. It still works.`;

/** What was seen of who uses which version: the overlap ends sooner once the new one is in use. */
function concludeLook(situation: Situation): Commit {
  const { now, to, overlapEndsAt } = situation;
  const end = endAfterUse(situation);
  const next = { next_attempt_at: now, lease_until: null };
  if (end === null || to === null || (overlapEndsAt !== null && overlapEndsAt <= now)) {
    return { patch: { rotation: next }, events: [] };
  }
  const until = end.toISOString();
  const seen: AuditEvent = { action: 'secret.seen_in_use', ...describe(situation), ...named(to), until };
  return { patch: { rotation: { ...next, overlap_ends_at: end } }, events: [seen] };
}

/** Pure: what to do in this situation. */
export function decide(situation: Situation): Decision {
  const { phase, issuer } = situation;
  if (isLeftAlone(issuer) && asksIssuer(phase)) {
    return { do: 'commit', commit: holdWith(situation, 'issuer_unhealthy', null) };
  }
  if (isBindingPhase(phase)) {
    return forBindings(situation, phase);
  }
  switch (phase) {
    case 'promote':
      return { do: 'commit', commit: promote(situation) };
    case 'overlap':
      return duringOverlap(situation);
    default:
      return { do: 'perform', bindingIds: [null] };
  }
}

/** Exponential, with full jitter, never sooner than the other side asked for; a lost answer is looked into at once. */
function backOff(attempt: number, failure: Failure, random: number): number {
  if (failure.retry === 'unknown' && attempt === 1) {
    return 0;
  }
  const most = Math.min(RETRY.capSeconds, RETRY.baseSeconds * 2 ** (attempt - 1));
  return Math.max(0.2 + random * most, failure.retryAfterSeconds ?? 0);
}

interface Failed {
  failure: Failure;
  attempt: number;
  seconds: number;
}

function concludeFailure(situation: Situation, failures: readonly Failed[]): Commit {
  const { now, phaseAt, retryAttempts, retrySeconds } = situation;
  const spent = (now.getTime() - phaseAt.getTime()) / 1000;
  const isOver = ({ failure, attempt, seconds }: Failed) =>
    failure.retry === 'never' || attempt >= retryAttempts || spent + seconds > retrySeconds;
  const over = failures.filter(isOver);
  const [worst] = over;
  if (worst !== undefined) {
    const detail = [...new Set(over.map(({ failure }) => failure.message))].join(' ');
    return holdWith(situation, worst.failure.hold, detail);
  }
  // All are tried again together, so whoever asked to be left alone is waited for.
  const asked = failures.filter(({ failure }) => failure.retryAfterSeconds !== undefined);
  const seconds = Math.max(
    Math.min(...failures.map((one) => one.seconds)),
    ...asked.map((one) => one.seconds),
  );
  return {
    patch: { rotation: { next_attempt_at: later(now, seconds), lease_until: null } },
    events: [],
  };
}

/** How often the effect has failed in a row: an answer in between, also "not yet", begins the count anew. */
export function failuresInARow(situation: Situation, bindingId: string | null): number {
  const last = stepsHere(situation).findLast((step) => step.bindingId === bindingId);
  return last === undefined || last.result === 'ok' || last.result === 'waiting' ? 0 : last.attempt;
}

/**
 * Pure: what the results of the effects just performed mean for the rotation as a whole. `situation` is the one after
 * them: what each of them changed is in its own commit, which is stored together with these.
 */
export function conclude(situation: Situation, results: readonly Performed[]): Commit[] {
  const health = healthOf(situation, results);
  if (health.patch.issuer?.health !== 'unhealthy') {
    return [health, concludeRotation(situation, results)];
  }
  const failed = results.find((one) => one.ended === 'failed');
  return [health, holdWith(situation, 'issuer_unhealthy', failed?.failure.message ?? null)];
}

function concludeRotation(situation: Situation, results: readonly Performed[]): Commit {
  if (situation.phase === 'overlap') {
    return concludeLook(situation);
  }
  const counting = results.filter(({ bindingId }) => mustSucceed(situation, bindingId));
  const failures = counting.flatMap((result): Failed[] => {
    if (result.ended !== 'failed') {
      return [];
    }
    const attempt = failuresInARow(situation, result.bindingId);
    const { failure } = result;
    return [{ failure, attempt, seconds: backOff(attempt, failure, situation.random) }];
  });
  if (failures.length > 0) {
    return concludeFailure(situation, failures);
  }
  const waits = counting.flatMap((result) => (result.ended === 'waiting' ? [result.seconds] : []));
  if (waits.length > 0) {
    const next = later(situation.now, Math.min(...waits));
    return { patch: { rotation: { next_attempt_at: next, lease_until: null } }, events: [] };
  }
  const tight = situation.phase === 'preflight' ? headroomTooSmall(situation) : null;
  return tight === null ? moveOn(situation) : holdWith(situation, 'headroom_too_small', tight);
}
