'use client';

import { duration } from '#app/_components/format-time.ts';
import { Notice } from '#app/_components/notice.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import { endedWords } from '#app/_words/actions.ts';
import { count, isGapFree, outcomeWord } from '#app/_words/rotation.ts';
import { newName, oldName, sentence } from '#app/_words/standing.ts';

function summary(progress: RotationProgress): string {
  const { targets, createdAt, endedAt } = progress;
  const confirmed = targets.filter((target) => target.confirmedAt !== null).length;
  const where =
    targets.length === 0 ? '' : `, confirmed on ${confirmed} of ${count(targets.length, 'target')}`;
  const seconds = endedAt === null ? null : (Date.parse(endedAt) - Date.parse(createdAt)) / 1000;
  const took = seconds === null ? '' : ` It took ${duration(seconds)}.`;
  return `${sentence(newName(progress))} took the place of ${oldName(progress)}${where}.${took}`;
}

function gapOf({ gapSeconds, predictedGapSeconds, strategy, targets }: RotationProgress): string {
  if (gapSeconds !== null) {
    return `The gap was ${duration(gapSeconds)}, predicted about ${predictedGapSeconds} s.`;
  }
  if (!isGapFree(strategy)) {
    return 'The gap was not measured.';
  }
  // Only breaking the glass leaves a required target behind.
  return targets.some((target) => target.required && target.confirmedAt === null)
    ? 'The old secret was retired before every required target was confirmed, so there may have been a gap.'
    : 'There was no gap.';
}

/** How a rotation ended, and what state things are in. */
export function Ended({ progress }: { progress: RotationProgress }) {
  const outcome = progress.outcome ?? '';
  const completed = outcome === 'completed';
  return (
    <Notice tone={completed || outcome === 'rolled_back' ? 'good' : 'info'}>
      <h2 className="text-base font-semibold">{outcomeWord(outcome)}</h2>
      {completed ? (
        <>
          <p>{summary(progress)}</p>
          <p>
            {gapOf(progress)} Signing in with {oldName(progress)} is refused.
          </p>
        </>
      ) : (
        <p>{endedWords(outcome, progress)}</p>
      )}
      <TextLink href={`/credentials/${progress.credentialId}`} className="mt-1 font-medium">
        Back to {progress.credential}
      </TextLink>
    </Notice>
  );
}
