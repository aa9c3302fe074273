'use client';

import { Radio, WifiOff } from 'lucide-react';
import { Notice } from '#app/_components/notice.tsx';
import { phaseStates } from '#app/_components/phase-states.ts';
import { outcomeWord, phaseWords } from '#app/_components/words.ts';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import { AwaitSecret } from '#app/(console)/rotations/[id]/await-secret.tsx';
import { Deliveries } from '#app/(console)/rotations/[id]/deliveries.tsx';
import { Ended } from '#app/(console)/rotations/[id]/ended.tsx';
import { Gap } from '#app/(console)/rotations/[id]/gap.tsx';
import { Held } from '#app/(console)/rotations/[id]/held.tsx';
import { Overlap } from '#app/(console)/rotations/[id]/overlap.tsx';
import { Phases } from '#app/(console)/rotations/[id]/phases.tsx';
import { type Line, useRotation } from '#app/(console)/rotations/[id]/use-rotation.ts';

/** Read out when it changes, and it changes with the phase only. */
function announcement(progress: RotationProgress): string {
  if (progress.outcome !== null) {
    return `Rotation ${outcomeWord(progress.outcome).toLowerCase()}.`;
  }
  const { name } = phaseWords[progress.phase];
  return progress.hold === null ? `Phase: ${name}.` : `Held at ${name}. ${progress.hold.sentence}`;
}

function LineState({ line }: { line: Line }) {
  const look = 'inline-flex items-center gap-1.5';
  if (line === 'live') {
    return (
      <span className={look}>
        <Radio aria-hidden className="size-3.5" /> live
      </span>
    );
  }
  return (
    <span className={`${look} text-warn`}>
      <WifiOff aria-hidden className="size-3.5" />
      {line === 'reconnecting' ? 'reconnecting…' : 'not live'}
    </span>
  );
}

/** A rotation as it goes on. Closing the page stops nothing. */
export function LiveRotation({
  initial,
  mayAct,
  takesRole,
}: {
  initial: RotationProgress;
  mayAct: boolean;
  takesRole: string;
}) {
  const { progress, line } = useRotation(initial);
  const ended = progress.outcome !== null;
  const overlapping = phaseStates(progress).some(
    ({ phase, state }) => phase === 'overlap' && state === 'waiting',
  );
  return (
    <>
      <p role="status" className="sr-only">
        {announcement(progress)}
      </p>
      <div className="flex flex-col gap-6">
        {line === 'lost' && (
          <Notice tone="warn">
            Live progress has stopped, perhaps because you were signed out. The rotation goes on; reload the
            page to see it.
          </Notice>
        )}
        {ended && <Ended progress={progress} />}
        {progress.hold !== null && !ended && (
          <Held rotationId={progress.id} hold={progress.hold} mayAct={mayAct} takesRole={takesRole} />
        )}
        {progress.phase === 'await_secret' && progress.task !== null && !ended && (
          <AwaitSecret progress={progress} task={progress.task} mayAct={mayAct} takesRole={takesRole} />
        )}
        {overlapping && <Overlap progress={progress} />}
        <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_minmax(17rem,22rem)]">
          <Phases progress={progress} aside={ended ? undefined : <LineState line={line} />} />
          <div className="flex min-w-0 flex-col gap-6">
            <Deliveries progress={progress} />
            <Gap progress={progress} />
          </div>
        </div>
        {!ended && (
          <p className="text-sm text-quiet">You may close this page: the rotation goes on without it.</p>
        )}
      </div>
    </>
  );
}
