'use client';

import clsx from 'clsx';
import {
  Circle,
  CircleCheck,
  CircleDashed,
  CirclePause,
  CircleSlash,
  Hourglass,
  LoaderCircle,
  type LucideIcon,
  Undo2,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { fill } from '#app/_components/fill.tsx';
import { duration } from '#app/_components/format-time.ts';
import { Panel } from '#app/_components/panel.tsx';
import {
  type Failure,
  failuresOf,
  forwardStates,
  type PhaseState,
  phaseStates,
  rangesOf,
  secondsOf,
  stepsOf,
} from '#app/_components/phase-states.ts';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import { backPhaseWords, phaseWords } from '#app/_words/rotation.ts';
import { phaseStateWords, phaseList as words } from '#app/_words/rotation-page.ts';
import { NextTry } from '#app/(console)/rotations/[id]/next-try.tsx';
import type { Direction, Phase } from '#core/rotation/strategies.ts';

const looks: Record<PhaseState, { icon: LucideIcon; look: string }> = {
  done: { icon: CircleCheck, look: 'text-good' },
  running: { icon: LoaderCircle, look: 'text-accent' },
  waiting: { icon: Hourglass, look: 'text-accent' },
  untaken: { icon: Hourglass, look: 'text-accent' },
  held: { icon: CirclePause, look: 'text-warn' },
  paused: { icon: CirclePause, look: 'text-warn' },
  stopped: { icon: CircleSlash, look: 'text-quiet' },
  'to come': { icon: Circle, look: 'text-quiet' },
  'not needed': { icon: CircleDashed, look: 'text-quiet' },
  'not reached': { icon: CircleDashed, look: 'text-quiet' },
  'taken back': { icon: Undo2, look: 'text-quiet' },
};

function FailureLine({ failure: { attempts, target, error } }: { failure: Failure }) {
  const attempt =
    attempts.length === 0 ? (
      <span className="text-quiet">{words.failedBefore}</span>
    ) : (
      <span className="text-bad">{words.failedAttempt(rangesOf(attempts), attempts.length > 1)}</span>
    );
  return target === null
    ? fill(words.failed, { attempt, error })
    : fill(words.failedAt, { attempt, target, error });
}

/** What went wrong in a phase; it stays after a later try succeeded. */
function Failures({ steps }: { steps: RotationProgress['steps'] }) {
  const failures = failuresOf(steps);
  if (failures.length === 0) {
    return null;
  }
  return (
    <ul className="mt-1.5 flex flex-col gap-1 text-sm">
      {failures.map((failure) => (
        <li key={`${failure.target} ${failure.attempts} ${failure.error}`} className="break-words">
          <FailureLine failure={failure} />
        </li>
      ))}
    </ul>
  );
}

function PhaseRow({
  phase,
  state,
  progress,
  direction,
}: {
  phase: Phase;
  state: PhaseState;
  progress: RotationProgress;
  direction: Direction;
}) {
  const { icon: Icon, look } = looks[state];
  const { name, does } = phaseWords[phase];
  const steps = stepsOf({ ...progress, direction }, phase);
  const counting = steps.filter(({ counts }) => counts);
  const attempts = Math.max(0, ...counting.map((step) => step.attempt));
  const seconds = secondsOf(counting);
  const here = phase === progress.phase && direction === progress.direction && state !== 'done';
  const calm = state === 'to come' || state === 'not needed' || state === 'not reached';
  return (
    <li
      aria-current={here ? 'step' : undefined}
      className="relative flex gap-3 pb-5 before:absolute before:top-6 before:bottom-0 before:left-[9.5px] before:w-px before:bg-line last:pb-0 last:before:hidden"
    >
      <Icon
        aria-hidden
        className={clsx('mt-0.5 size-5 shrink-0', look, state === 'running' && 'animate-spin')}
      />
      <div className="min-w-0 flex-1">
        <div className="flex flex-wrap items-baseline justify-between gap-x-3">
          <h3 className={clsx('font-semibold', calm && 'text-quiet')}>{name}</h3>
          <p className="text-sm">
            {attempts > 1 && <span className="text-quiet">{words.attempt(attempts)} · </span>}
            {seconds !== null && <span className="text-quiet">{duration(seconds)} · </span>}
            <span className={clsx('font-medium', look)}>{phaseStateWords[state]}</span>
          </p>
        </div>
        <p className="text-sm text-quiet">
          {(direction === 'back' ? backPhaseWords[phase] : undefined) ?? does}
        </p>
        <Failures steps={steps} />
        {here && progress.nextAttemptAt !== null && (
          <p className="mt-1 text-sm text-quiet">
            <NextTry at={progress.nextAttemptAt} />
          </p>
        )}
      </div>
    </li>
  );
}

function PhaseList({
  label,
  states,
  progress,
  direction,
}: {
  label: string;
  states: readonly { phase: Phase; state: PhaseState }[];
  progress: RotationProgress;
  direction: Direction;
}) {
  return (
    <ol aria-label={label} className="mt-1 flex flex-col">
      {states.map(({ phase, state }) => (
        <PhaseRow key={phase} phase={phase} state={state} progress={progress} direction={direction} />
      ))}
    </ol>
  );
}

/**
 * The phases in their order: what is done, what runs, and what is to come. Of a rotation that was turned back also what
 * it had done before, and what of that is taken back.
 */
export function Phases({ progress, aside }: { progress: RotationProgress; aside?: ReactNode }) {
  const { direction } = progress;
  const back = direction === 'back';
  return (
    <div className="flex min-w-0 flex-col gap-6">
      <Panel title={back ? words.titleBack : words.title} aside={aside}>
        <PhaseList
          label={back ? words.listBack : words.list}
          states={phaseStates(progress)}
          progress={progress}
          direction={direction}
        />
      </Panel>
      {back && (
        <Panel title={words.titleBefore}>
          <PhaseList
            label={words.listBefore}
            states={forwardStates(progress)}
            progress={progress}
            direction="forward"
          />
        </Panel>
      )}
    </div>
  );
}
