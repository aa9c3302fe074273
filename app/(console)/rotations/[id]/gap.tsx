'use client';

import { duration } from '#app/_components/format-time.ts';
import { Panel } from '#app/_components/panel.tsx';
import { TimeSince } from '#app/_components/time.tsx';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import { isGapFree, noGapWhy } from '#app/_words/rotation.ts';

function Now({ progress }: { progress: RotationProgress }) {
  const { strategy, gapStartedAt, gapSeconds, predictedGapSeconds, outcome } = progress;
  const predicted = <span className="text-quiet">(predicted about {predictedGapSeconds} s)</span>;
  if (gapSeconds !== null) {
    return (
      <p>
        measured <strong className="font-semibold">{duration(gapSeconds)}</strong> {predicted}
      </p>
    );
  }
  if (gapStartedAt !== null && outcome === null) {
    return (
      <p>
        <strong className="font-semibold text-warn">
          running for <TimeSince since={gapStartedAt} />
        </strong>{' '}
        {predicted}
      </p>
    );
  }
  if (isGapFree(strategy)) {
    return <p>{outcome === null ? 'none expected' : 'none'}</p>;
  }
  return <p>{outcome === null ? `predicted about ${predictedGapSeconds} s` : 'not measured'}</p>;
}

/** How long consumers are refused: predicted, running, measured. */
export function Gap({ progress }: { progress: RotationProgress }) {
  const { strategy, direction, outcome } = progress;
  const why = noGapWhy(strategy);
  return (
    <Panel title="Gap">
      <Now progress={progress} />
      <p className="mt-1 text-sm text-quiet">
        {why === undefined && 'From the end of the old secret until every required target has the new one.'}
        {why !== undefined && direction === 'forward' && (outcome === null ? why.planned : why.ended)}
        {why !== undefined &&
          direction === 'back' &&
          'The new secret is retired only after the old one is back.'}
      </p>
    </Panel>
  );
}
