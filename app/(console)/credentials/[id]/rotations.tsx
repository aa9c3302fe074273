import { CircleCheck, CirclePause, CircleSlash, Hourglass, LoaderCircle, Undo2 } from 'lucide-react';
import { Badge } from '#app/_components/badge.tsx';
import { duration } from '#app/_components/format-time.ts';
import { Panel } from '#app/_components/panel.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Moment } from '#app/_components/time.tsx';
import { rotationsPanel as words } from '#app/_words/credential.ts';
import { isGapFree, outcomeWord, phaseWord, strategyWord } from '#app/_words/rotation.ts';
import type { CredentialView } from '#core/credentials/read-credential.ts';

type Rotation = CredentialView['rotations'][number];

function Outcome({
  rotation: { outcome, hold, phase, direction },
  isPaused,
}: {
  rotation: Rotation;
  isPaused: boolean;
}) {
  if (outcome !== null) {
    const completed = outcome === 'completed';
    return (
      <Badge tone={completed ? 'good' : 'quiet'} icon={completed ? CircleCheck : CircleSlash}>
        {outcomeWord(outcome)}
      </Badge>
    );
  }
  if (direction === 'back') {
    return (
      <Badge tone="warn" icon={Undo2}>
        {hold === null ? words.rollingBack : words.rollingBackHeld}
      </Badge>
    );
  }
  if (hold === null && isPaused) {
    return (
      <Badge tone="quiet" icon={CirclePause}>
        {words.paused}
      </Badge>
    );
  }
  const waits = phase === 'overlap' || phase === 'await_secret';
  return hold === null ? (
    <Badge tone="busy" icon={waits ? Hourglass : LoaderCircle} spins={!waits}>
      {phaseWord(phase)}
    </Badge>
  ) : (
    <Badge tone="warn" icon={CirclePause}>
      {words.held}
    </Badge>
  );
}

function gapOf({ strategy, outcome, gapSeconds, predictedGapSeconds }: Rotation): string {
  if (gapSeconds !== null) {
    return words.gapMeasured(duration(gapSeconds), predictedGapSeconds);
  }
  if (isGapFree(strategy)) {
    return outcome === null ? words.noGapExpected : words.noGap;
  }
  return outcome === null || outcome === 'completed'
    ? words.gapPredicted(predictedGapSeconds)
    : words.gapNotMeasured;
}

/** The latest rotations, how each ended, and its gap measured against the one predicted. `isPaused`: the open one waits in a pause. */
export function Rotations({ rotations, isPaused }: { rotations: readonly Rotation[]; isPaused: boolean }) {
  if (rotations.length === 0) {
    return (
      <Panel title={words.title}>
        <p className="text-quiet">{words.none}</p>
      </Panel>
    );
  }
  return (
    <Panel title={words.title} flush>
      <ul>
        {rotations.map((rotation) => (
          <li key={rotation.id} className="border-line border-t px-4 py-3 sm:px-5">
            <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
              <TextLink href={`/rotations/${rotation.id}`} className="font-medium">
                <Moment at={rotation.createdAt} />
              </TextLink>
              <Outcome rotation={rotation} isPaused={isPaused} />
            </div>
            <p className="text-sm text-quiet">
              {words.about(strategyWord(rotation.strategy), gapOf(rotation))}
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
