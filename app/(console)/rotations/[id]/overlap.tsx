'use client';

import { Hourglass } from 'lucide-react';
import { SHORT_SECONDS } from '#app/_components/overlap-options.ts';
import { Moment, TimeLeft } from '#app/_components/time.tsx';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import { lengthWords } from '#app/_words/rhythm.ts';
import { newName, oldName, sentence } from '#app/_words/standing.ts';

/** While both versions work: how long still, and the exact end. */
export function Overlap({ progress }: { progress: RotationProgress }) {
  const { overlapEndsAt, graceSeconds, graceAfterUseSeconds: afterUse, newSeenAt, strategy } = progress;
  if (overlapEndsAt === null) {
    return null;
  }
  const old = sentence(oldName(progress));
  return (
    <section
      aria-label="Overlap"
      className="flex gap-4 rounded-lg border border-line bg-surface px-4 py-4 shadow-xs sm:px-5"
    >
      <Hourglass aria-hidden className="mt-1.5 size-5 shrink-0 text-accent" />
      <div className="min-w-0">
        <p className="text-xl font-semibold tabular-nums">
          <TimeLeft until={overlapEndsAt} /> left
        </p>
        <p className="text-quiet">
          Both secrets work; {newName(progress)} is current.{' '}
          {strategy === 'graced' ? `The issuer ends ${oldName(progress)} by itself` : `${old} stops working`}{' '}
          <Moment at={overlapEndsAt} withSeconds={graceSeconds < SHORT_SECONDS} />.
        </p>
        {afterUse !== null && (
          <p className="text-quiet">
            {newSeenAt === null ? (
              `It ends sooner, ${lengthWords(afterUse)} after ${newName(progress)} is seen in use.`
            ) : (
              <>
                {sentence(newName(progress))} was seen in use <Moment at={newSeenAt} />.
              </>
            )}
          </p>
        )}
      </div>
    </section>
  );
}
