import { createHash } from 'node:crypto';
import { type Action, holds } from '#core/rotation/holds.ts';
import type { RotationView } from '#core/rotation/read-rotation.ts';

type Step = RotationView['steps'][number];

/** A rotation as its page shows it. */
export interface RotationProgress extends RotationView {
  /** The last try of the current phase answered "not yet" and is repeated. */
  asksAgain: boolean;
  /** What is safe to do about the hold, and allowed now; the first one first. Empty while nothing is held. */
  safeActions: readonly Action[];
}

function safeActions({ hold, actions }: RotationView): readonly Action[] {
  const safe: readonly Action[] =
    Object.entries(holds).find(([reason]) => reason === hold?.reason)?.[1].actions ?? [];
  return safe.filter((one) => actions.some(({ action, refusal }) => action === one && refusal === null));
}

const isCurrent = (view: RotationView) => (step: Step) => step.phase === view.phase;

/**
 * Leaves out what no reader needs: a phase that asks every second would fill the page with its polls. `nextAttemptAt`
 * stays only where a failed try will be repeated.
 */
export function progressOf(view: RotationView): RotationProgress {
  const last = view.steps.findLast(isCurrent(view));
  const open = view.outcome === null && view.hold === null;
  return {
    ...view,
    steps: view.steps.filter((step) => step.result !== 'waiting'),
    safeActions: safeActions(view),
    asksAgain: open && last?.result === 'waiting',
    nextAttemptAt: open && last?.result === 'failed' ? view.nextAttemptAt : null,
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
