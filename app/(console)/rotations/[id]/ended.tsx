'use client';

import { duration } from '#app/_components/format-time.ts';
import { Notice } from '#app/_components/notice.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { count, outcomeWord } from '#app/_components/words.ts';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';

const oldVersion = ({ fromVersion }: RotationProgress) =>
  fromVersion === null ? 'the old secret' : `v${fromVersion}`;

function summary(progress: RotationProgress): string {
  const { toVersion, targets, createdAt, endedAt } = progress;
  const confirmed = targets.filter((target) => target.confirmedAt !== null).length;
  const where =
    targets.length === 0 ? '' : `, confirmed on ${confirmed} of ${count(targets.length, 'target')}`;
  const seconds = endedAt === null ? null : (Date.parse(endedAt) - Date.parse(createdAt)) / 1000;
  const took = seconds === null ? '' : ` It took ${duration(seconds)}.`;
  return `v${toVersion} took the place of ${oldVersion(progress)}${where}.${took}`;
}

function gapOf({ gapSeconds, predictedGapSeconds, strategy }: RotationProgress): string {
  if (gapSeconds !== null) {
    return `The gap was ${duration(gapSeconds)}, predicted about ${predictedGapSeconds} s.`;
  }
  return strategy === 'overlap' ? 'There was no gap.' : 'The gap was not measured.';
}

/** How a rotation ended. */
export function Ended({ progress }: { progress: RotationProgress }) {
  const completed = progress.outcome === 'completed';
  return (
    <Notice tone={completed ? 'good' : 'info'}>
      <h2 className="text-base font-semibold">{outcomeWord(progress.outcome ?? '')}</h2>
      {completed && (
        <>
          <p>{summary(progress)}</p>
          <p>
            {gapOf(progress)} Signing in with {oldVersion(progress)} is refused.
          </p>
        </>
      )}
      <TextLink href={`/credentials/${progress.credentialId}`} className="mt-1 font-medium">
        Back to {progress.credential}
      </TextLink>
    </Notice>
  );
}
