import type { AuditEvent } from '#core/audit/events.ts';
import { type Commit, join } from '#core/rotation/commit-step.ts';
import { failuresInARow, type Performed } from '#core/rotation/decide.ts';
import { describe } from '#core/rotation/describe.ts';
import {
  type Failure,
  onlyNextWorks,
  type Situation,
  type Step,
  stepsHere,
} from '#core/rotation/situation.ts';

/**
 * The steps about to be begun: numbered on, and counted as attempts of this phase and binding. One that is not over is
 * asked again under its own number; after a question about work under way failed, the next one is about the same work.
 */
export function stepsToBegin(situation: Situation, bindingIds: readonly (string | null)[]): Step[] {
  let { nextSeq } = situation;
  return bindingIds.map((bindingId) => {
    const last = stepsHere(situation).findLast((step) => step.bindingId === bindingId);
    if (last?.result === 'waiting') {
      return last;
    }
    const { direction, phase, now } = situation;
    const attempt = failuresInARow(situation, bindingId) + 1;
    nextSeq += 1;
    const ref = last === undefined || last.result === 'ok' ? null : last.ref;
    return {
      seq: nextSeq - 1,
      direction,
      phase,
      bindingId,
      attempt,
      result: null,
      intentAt: now,
      ref,
      notBefore: null,
    };
  });
}

const targetOf = (situation: Situation, bindingId: string | null) => {
  const target = situation.bindings.find((binding) => binding.id === bindingId)?.targetName;
  return target === undefined ? {} : { target };
};

const about = (situation: Situation, { phase, attempt, bindingId }: Step) => ({
  ...describe(situation),
  phase,
  attempt,
  ...targetOf(situation, bindingId),
});

/** A step's row, as it stands: one that waits keeps that it waits, and what for, while it is asked again. */
function rowOf({ seq, direction, phase, bindingId, attempt, result, ref }: Step) {
  return { seq, direction, phase, binding_id: bindingId, attempt, result, ref };
}

/** The gap of a strategy that has none otherwise begins where a breach takes away what consumers live on. */
function gapBegins(situation: Situation): Commit['patch'] {
  const { phase, direction, gapStartedAt, now } = situation;
  const begins = phase === 'deliver_next' && direction === 'forward' && gapStartedAt === null;
  return begins && onlyNextWorks(situation) ? { rotation: { gap_started_at: now } } : {};
}

/** What is stored when steps begin. Questions that change nothing are told of once they are answered. */
export function begin(situation: Situation, steps: readonly Step[], withIntent: boolean): Commit {
  const started: AuditEvent[] =
    situation.nextSeq === 1 ? [{ action: 'rotation.started', ...describe(situation) }] : [];
  // A step that goes on waiting was begun once in the audit, not every second.
  const fresh = withIntent ? steps.filter((step) => step.result !== 'waiting') : [];
  const events = fresh.map((step): AuditEvent => ({ action: 'step.begun', ...about(situation, step) }));
  return { patch: { ...gapBegins(situation), steps: steps.map(rowOf) }, events: [...started, ...events] };
}

/**
 * What is stored when the rotation was held or paused after its steps were begun and before anything was asked. Without
 * it a secret would be looked for at the issuer that was never issued. A binding's step is simply done again.
 */
export function notAsked(situation: Situation, steps: readonly Step[]): Commit {
  const error = 'It was held or paused before anything was asked.';
  const ended = steps.filter(({ bindingId, result }) => bindingId === null && result === null);
  return {
    patch: {
      rotation: { next_attempt_at: situation.now, lease_until: null },
      steps: ended.map((step) => ({ ...rowOf(step), result: 'failed', error })),
    },
    events: ended.map((step) => ({
      action: 'step.failed',
      outcome: 'failure',
      ...about(situation, step),
      error,
    })),
  };
}

/** Whether a failed effect may have happened all the same. */
function mayHaveHappened(step: Step, { retry, hold }: { retry: string; hold: string }): boolean {
  // A target may have kept what it was sent, also what it refuses: its answer may be lost, and of several keys the first
  // may be written before the second is refused or put off.
  const delivering = step.phase === 'deliver' || step.phase === 'deliver_next';
  return delivering || retry === 'unknown' || hold === 'secret_unusable';
}

const notBefore = ({ now }: Situation, { retryAfterSeconds: seconds }: Failure) =>
  seconds === undefined ? null : new Date(now.getTime() + seconds * 1000);

/** What is stored when a step has ended, or goes on waiting. */
export function stepEnded(situation: Situation, step: Step, performed: Performed): Commit {
  const own = performed.commit ?? { patch: {}, events: [] };
  return join(own, resultOf(situation, step, performed));
}

function resultOf(situation: Situation, step: Step, performed: Performed): Commit {
  const row = rowOf(step);
  const hasOwnEvent = (performed.commit?.events.length ?? 0) > 0;
  switch (performed.ended) {
    case 'done':
      return {
        patch: { steps: [{ ...row, result: 'ok' }] },
        // Said once: an effect that has an event of its own needs no other.
        events: hasOwnEvent ? [] : [{ action: 'step.succeeded', ...about(situation, step) }],
      };
    case 'waiting':
      return {
        patch: { steps: [{ ...row, attempt: 1, result: 'waiting', ref: performed.ref ?? null }] },
        events: [],
      };
    case 'failed': {
      const { failure } = performed;
      const result = mayHaveHappened(step, failure) ? 'unknown' : 'failed';
      const not_before = notBefore(situation, failure);
      return {
        patch: { steps: [{ ...row, result, error: failure.message, not_before }] },
        events: [
          { action: 'step.failed', outcome: 'failure', ...about(situation, step), error: failure.message },
        ],
      };
    }
  }
}
