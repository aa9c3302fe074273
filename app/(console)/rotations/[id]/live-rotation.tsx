'use client';

import { Radio, WifiOff } from 'lucide-react';
import { useState } from 'react';
import { Notice } from '#app/_components/notice.tsx';
import { Once, onDemand } from '#app/_components/on-demand.tsx';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import { type Asked, type Offered, offered } from '#app/_words/actions.ts';
import { outcomeWord, phaseWords } from '#app/_words/rotation.ts';
import { rotationAnnouncement, rotationPage, rotationPaused } from '#app/_words/rotation-page.ts';
import type { ActionDialogProps, Question } from '#app/(console)/rotations/[id]/action-dialog.tsx';
import { Actions } from '#app/(console)/rotations/[id]/actions-panel.tsx';
import { AwaitSecret } from '#app/(console)/rotations/[id]/await-secret.tsx';
import { Deliveries } from '#app/(console)/rotations/[id]/deliveries.tsx';
import { Ended } from '#app/(console)/rotations/[id]/ended.tsx';
import { Failing } from '#app/(console)/rotations/[id]/failing.tsx';
import { Gap } from '#app/(console)/rotations/[id]/gap.tsx';
import { Glass } from '#app/(console)/rotations/[id]/glass.tsx';
import { GoingBack } from '#app/(console)/rotations/[id]/going-back.tsx';
import { Header } from '#app/(console)/rotations/[id]/header.tsx';
import { Held } from '#app/(console)/rotations/[id]/held.tsx';
import { Overlap } from '#app/(console)/rotations/[id]/overlap.tsx';
import { Phases } from '#app/(console)/rotations/[id]/phases.tsx';
import { useAskedByAddress } from '#app/(console)/rotations/[id]/use-asked-by-address.ts';
import { type Line, useRotation } from '#app/(console)/rotations/[id]/use-rotation.ts';
import type { Role } from '#core/access/actor.ts';

const dialog = onDemand<ActionDialogProps>(
  async () => (await import('#app/(console)/rotations/[id]/action-dialog.tsx')).ActionDialog,
);

/** What the reader's role may do. */
interface Rights {
  may: readonly Offered[];
  maySubmit: boolean;
  role: Role;
  takesRole: readonly Role[];
  mayApprove: readonly Role[];
  mayChange: readonly Role[];
}

/** Read out when it changes, and it changes with the phase only. */
function announcement(progress: RotationProgress): string {
  if (progress.outcome !== null) {
    return rotationAnnouncement.ended(outcomeWord(progress.outcome).toLowerCase());
  }
  const { name } = phaseWords[progress.phase];
  const back = progress.direction === 'back' ? `${rotationAnnouncement.back} ` : '';
  if (progress.hold !== null) {
    return `${back}${rotationAnnouncement.held(name)} ${progress.hold.sentence}`;
  }
  const at = progress.paused === null ? rotationAnnouncement.phase : rotationAnnouncement.paused;
  return `${back}${at(name)}`;
}

const lineWords = {
  reconnecting: rotationPage.reconnecting,
  resting: rotationPage.resting,
  lost: rotationPage.notLive,
} as const;

function LineState({ line }: { line: Line }) {
  const look = 'inline-flex items-center gap-1.5';
  if (line === 'live') {
    return (
      <span className={look}>
        <Radio aria-hidden className="size-3.5" /> {rotationPage.live}
      </span>
    );
  }
  return (
    <span className={`${look} text-warn`}>
      <WifiOff aria-hidden className="size-3.5" />
      {lineWords[line]}
    </span>
  );
}

/** What a person has to know or can do, above the progress itself. */
function Standing({
  progress,
  may,
  maySubmit,
  role,
  takesRole,
  mayApprove,
  mayChange,
  ask,
}: Rights & { progress: RotationProgress; ask(action: Asked): void }) {
  const { outcome, hold, phase, task, direction, paused } = progress;
  if (outcome !== null) {
    return <Ended progress={progress} />;
  }
  return (
    <>
      {paused !== null && (
        <Notice tone="warn">
          {rotationPaused.why[paused]} {rotationPaused.afterwards}
        </Notice>
      )}
      {hold !== null && (
        <Held
          progress={progress}
          hold={hold}
          may={may}
          role={role}
          takesRole={takesRole}
          mayApprove={mayApprove}
          mayChange={mayChange}
          ask={ask}
        />
      )}
      {progress.isFailing && <Failing progress={progress} may={may} ask={ask} />}
      {phase === 'await_secret' && task !== null && (
        <AwaitSecret progress={progress} task={task} mayAct={maySubmit} takesRole={takesRole} />
      )}
      {direction === 'back' && hold === null && <GoingBack progress={progress} />}
      {direction === 'forward' && phase === 'overlap' && hold === null && <Overlap progress={progress} />}
      <Actions progress={progress} may={may} takesRole={takesRole} ask={ask} />
    </>
  );
}

/** A rotation as it goes on. Closing the page stops nothing. */
export function LiveRotation({ initial, ...rights }: Rights & { initial: RotationProgress }) {
  const { progress, line } = useRotation(initial);
  const [question, setQuestion] = useState<Question | null>(null);
  useAskedByAddress('roll_back', offered(progress, rights.may), (action) =>
    setQuestion({ action, open: true }),
  );
  const ended = progress.outcome !== null;
  const isTask = progress.phase === 'await_secret';
  // Consumers are refused until the person has pasted: they are not told that they may leave.
  const isUrgent = isTask && progress.gapStartedAt !== null;
  return (
    <>
      <Header progress={progress} />
      <p role="status" className="sr-only">
        {announcement(progress)}
      </p>
      <div className="flex flex-col gap-6">
        {line === 'lost' && <Notice tone="warn">{rotationPage.lineLost}</Notice>}
        <Glass progress={progress} />
        <Standing {...rights} progress={progress} ask={(action) => setQuestion({ action, open: true })} />
        <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_minmax(17rem,22rem)]">
          <Phases progress={progress} aside={ended ? undefined : <LineState line={line} />} />
          <div className="flex min-w-0 flex-col gap-6">
            <Deliveries progress={progress} mayRetry={offered(progress, rights.may).includes('retry')} />
            <Gap progress={progress} />
          </div>
        </div>
        {!ended && !isUrgent && (
          <p className="text-sm text-quiet">{isTask ? rotationPage.mayComeBack : rotationPage.mayClose}</p>
        )}
      </div>
      {question !== null && (
        <Once open={question.open}>
          <dialog.Part
            question={question}
            progress={progress}
            close={() => setQuestion({ ...question, open: false })}
          />
        </Once>
      )}
    </>
  );
}
