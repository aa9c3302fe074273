'use client';

import { CalendarClock, Flag, GitCompareArrows, Timer } from 'lucide-react';
import { planGap, planPointOfNoReturn, planSteps, planStrategy, planWanted } from '#app/_words/plan.ts';
import { listWords, needsWords, retryWords } from '#app/_words/rhythm.ts';
import { stepsAfter } from '#app/_words/rotate-sheet.ts';
import { gapWords, leavesOverlap, noGapWhy, phaseWords, strategyWords } from '#app/_words/rotation.ts';
import type { Plan } from '#core/rotation/plan.ts';

/** How the credential is rotated, and why so. */
export function PlanStrategy({ plan: { strategy, why } }: { plan: Plan }) {
  return (
    <section>
      <h3 className="flex items-center gap-2 font-semibold">
        <GitCompareArrows aria-hidden className="size-4 text-quiet" />
        {planStrategy.title(strategyWords[strategy])}
      </h3>
      <p className="mt-0.5 text-sm text-quiet">{why}</p>
    </section>
  );
}

/** What consumers notice. */
export function PlanGap({ plan: { strategy, gap }, breach }: { plan: Plan; breach: boolean }) {
  const why = breach && leavesOverlap(strategy) ? planGap.noneAfterBreach : noGapWhy(strategy)?.planned;
  return (
    <section>
      <h3 className="flex items-center gap-2 font-semibold">
        <Timer aria-hidden className="size-4 text-quiet" />
        {why === undefined ? planGap.title(gapWords(gap)) : planGap.none}
      </h3>
      <p className="mt-0.5 text-sm text-quiet">{why ?? planGap.about}</p>
    </section>
  );
}

/** The steps in their order, with the targets they touch. */
export function PlanSteps({ plan, breach }: { plan: Plan; breach: boolean }) {
  return (
    <section>
      <h3 className="font-semibold">{planSteps.title}</h3>
      <ol className="mt-2 flex flex-col">
        {stepsAfter(breach, plan.steps).map(({ phase, targets }, index) => (
          <li key={phase} className="relative flex gap-3 pb-3 last:pb-0">
            <span
              aria-hidden
              className="flex size-6 shrink-0 items-center justify-center rounded-full bg-raised text-xs font-medium text-quiet"
            >
              {index + 1}
            </span>
            <div className="min-w-0 text-sm">
              <p>
                <span className="font-semibold">{phaseWords[phase].name}.</span>
                <span className="text-quiet"> {phaseWords[phase].does}</span>
              </p>
              {targets.length > 0 && <p className="break-words">{targets.join(', ')}</p>}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** What the credential's policy wants beyond the usual; nothing where it wants nothing. */
export function PlanWanted({ plan: { needs, retry, notifiers } }: { plan: Plan }) {
  const words = [
    needsWords(needs),
    retryWords({ retryAttempts: retry.attempts, retrySeconds: retry.seconds }),
    notifiers.length === 0 ? '' : planWanted.toldBy(listWords(notifiers)),
  ].filter((one) => one !== '');
  return words.length === 0 ? null : (
    <section>
      <h3 className="flex items-center gap-2 font-semibold">
        <CalendarClock aria-hidden className="size-4 text-quiet" />
        {planWanted.title}
      </h3>
      <p className="mt-0.5 text-sm break-words text-quiet">{words.join(' ')}</p>
    </section>
  );
}

export function PlanPointOfNoReturn({ plan, breach }: { plan: Plan; breach: boolean }) {
  // Without an overlap there is no end of it to wait for.
  const point =
    breach && plan.strategy === 'overlap'
      ? planPointOfNoReturn.onceRevoked
      : planPointOfNoReturn.at(plan.pointOfNoReturn);
  return (
    <section>
      <h3 className="flex items-center gap-2 font-semibold">
        <Flag aria-hidden className="size-4 text-quiet" />
        {planPointOfNoReturn.title}
      </h3>
      <p className="mt-0.5 text-sm text-quiet">
        {point} {planPointOfNoReturn.onlyForward}
      </p>
    </section>
  );
}
