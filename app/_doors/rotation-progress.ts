import { createHash } from 'node:crypto';
import { type Action, holds } from '#core/rotation/holds.ts';
import type { RotationView } from '#core/rotation/read-rotation.ts';

type Step = RotationView['steps'][number];

/** A rotation as its page shows it. */
export interface RotationProgress extends RotationView {
  /** The last try of the current phase answered "not yet" and is repeated. */
  asksAgain: boolean;
  /** The present phase failed when it was answered last, and goes on by itself. */
  isFailing: boolean;
  /** What is safe to do about the hold, and allowed now; the first one first. Empty while nothing is held. */
  safeActions: readonly Action[];
}

/** What is safe to do about a hold and allowed now, the first one first; empty while nothing is held. */
export function safeActions({ hold, actions }: RotationView): readonly Action[] {
  const safe: readonly Action[] =
    Object.entries(holds).find(([reason]) => reason === hold?.reason)?.[1].actions ?? [];
  return safe.filter((one) => actions.some(({ action, refusal }) => action === one && refusal === null));
}

const didFail = ({ result }: Step) => result === 'failed' || result === 'unknown';

/** The last of these steps at the issuer and at each binding, of those that count in the present phase. */
function lastHere({ phase, direction }: RotationView, steps: readonly Step[]): Step[] {
  const here = steps.filter((step) => step.counts && step.phase === phase && step.direction === direction);
  return [...new Map(here.map((step) => [step.bindingId, step])).values()];
}

/** Whether any of the last tries of the present phase failed, at the issuer or at a binding, and waits for another. */
function waitsAfterFailure(view: RotationView): boolean {
  const last = lastHere(view, view.steps);
  return last.every(({ result }) => result !== null) && last.some(didFail);
}

/** Whether the last answer of what must succeed here was a failure; it is so also while it is being tried again. */
function isFailing(view: RotationView): boolean {
  const answered = view.steps.filter(({ result }) => result !== null);
  const bestEffort = view.targets.filter(({ required }) => !required).map(({ bindingId }) => bindingId);
  return lastHere(view, answered).some(
    (step) => didFail(step) && !bestEffort.some((bindingId) => bindingId === step.bindingId),
  );
}

/**
 * Leaves out what no reader needs: a phase that asks every second would fill the page with its polls. `nextAttemptAt`
 * stays only where a failed try will be repeated, which it is not before a pause is over.
 */
export function progressOf(view: RotationView): RotationProgress {
  const last = view.steps.findLast((step) => step.counts && step.phase === view.phase);
  const open = view.outcome === null && view.hold === null;
  const goesOn = open && view.paused === null;
  return {
    ...view,
    // What was still waited for when the rotation turned back is told, once.
    steps: view.steps.filter((step) => step.result !== 'waiting' || step.direction !== view.direction),
    safeActions: safeActions(view),
    asksAgain: open && last?.result === 'waiting',
    isFailing: goesOn && isFailing(view),
    nextAttemptAt: goesOn && waitsAfterFailure(view) ? view.nextAttemptAt : null,
  };
}

/** What a stream must know of the state that it sends. */
export type Revised = Pick<RotationProgress, 'lastEventId' | 'outcome'>;

/**
 * Names exactly this state: the last audit event, and a digest of the whole, because a few changes (the gap's start
 * while a person rotates, the time of the next try) are stored without an event.
 */
export function revisionOf(progress: Revised): string {
  const digest = createHash('sha256').update(JSON.stringify(progress)).digest('hex').slice(0, 12);
  return `${progress.lastEventId}-${digest}`;
}
