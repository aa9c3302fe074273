'use client';

import { duration } from '#app/_components/format-time.ts';
import { Notice } from '#app/_components/notice.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import { endedWords, refusalWords } from '#app/_words/actions.ts';
import { isGapFree, outcomeWord } from '#app/_words/rotation.ts';
import { ended as words } from '#app/_words/rotation-page.ts';
import { newName, oldName, sentence, wasRetiredEarly } from '#app/_words/standing.ts';

function summary(progress: RotationProgress): string {
  const { targets, createdAt, endedAt } = progress;
  const confirmed = targets.filter((target) => target.confirmedAt !== null).length;
  const [fresh, old] = [sentence(newName(progress)), oldName(progress)];
  const replaced =
    targets.length === 0
      ? words.replaced(fresh, old)
      : words.replacedAt(fresh, old, confirmed, targets.length);
  const seconds = endedAt === null ? null : (Date.parse(endedAt) - Date.parse(createdAt)) / 1000;
  return seconds === null ? replaced : `${replaced} ${words.took(duration(seconds))}`;
}

function gapOf(progress: RotationProgress): string {
  const { gapSeconds, predictedGapSeconds, strategy } = progress;
  if (gapSeconds !== null) {
    return words.gap(duration(gapSeconds), predictedGapSeconds);
  }
  if (!isGapFree(strategy)) {
    return words.gapUnknown;
  }
  return wasRetiredEarly(progress) ? words.gapPossible : words.noGap;
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
            {gapOf(progress)} {refusalWords(oldName(progress), progress)}
          </p>
        </>
      ) : (
        <p>{endedWords(outcome, progress)}</p>
      )}
      <TextLink href={`/credentials/${progress.credentialId}`} className="mt-1 font-medium">
        {words.backTo(progress.credential)}
      </TextLink>
    </Notice>
  );
}
