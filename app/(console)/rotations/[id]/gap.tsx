'use client';

import { fill } from '#app/_components/fill.tsx';
import { duration } from '#app/_components/format-time.ts';
import { Panel } from '#app/_components/panel.tsx';
import { TimeSince } from '#app/_components/time.tsx';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import { isGapFree, noGapWhy } from '#app/_words/rotation.ts';
import { gapPanel as words } from '#app/_words/rotation-page.ts';

function Now({ progress }: { progress: RotationProgress }) {
  const { strategy, gapStartedAt, gapSeconds, predictedGapSeconds, outcome } = progress;
  const prediction = <span className="text-quiet">{words.aside(predictedGapSeconds)}</span>;
  if (gapSeconds !== null) {
    return (
      <p>
        {fill(words.measured, {
          time: <strong className="font-semibold">{duration(gapSeconds)}</strong>,
          prediction,
        })}
      </p>
    );
  }
  if (gapStartedAt !== null && outcome === null) {
    return (
      <p>
        <strong className="font-semibold text-warn">
          {fill(words.running, { time: <TimeSince since={gapStartedAt} /> })}
        </strong>{' '}
        {prediction}
      </p>
    );
  }
  if (isGapFree(strategy)) {
    return <p>{outcome === null ? words.noneExpected : words.none}</p>;
  }
  return <p>{outcome === null ? words.predicted(predictedGapSeconds) : words.unknown}</p>;
}

/** How long consumers are refused: predicted, running, measured. */
export function Gap({ progress }: { progress: RotationProgress }) {
  const { strategy, direction, outcome } = progress;
  const why = noGapWhy(strategy);
  return (
    <Panel title={words.title}>
      <Now progress={progress} />
      <p className="mt-1 text-sm text-quiet">
        {why === undefined && words.about}
        {why !== undefined && direction === 'forward' && (outcome === null ? why.planned : why.ended)}
        {why !== undefined && direction === 'back' && words.aboutBack}
      </p>
    </Panel>
  );
}
