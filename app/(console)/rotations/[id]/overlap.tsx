'use client';

import { Hourglass } from 'lucide-react';
import { fill } from '#app/_components/fill.tsx';
import { SHORT_SECONDS } from '#app/_components/overlap-options.ts';
import { Moment, TimeLeft } from '#app/_components/time.tsx';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import { lengthWords } from '#app/_words/rhythm.ts';
import { overlapPanel as words } from '#app/_words/rotation-page.ts';
import { newName, oldName, sentence } from '#app/_words/standing.ts';

/** While both versions work: how long still, and the exact end. */
export function Overlap({ progress }: { progress: RotationProgress }) {
  const { overlapEndsAt, graceSeconds, graceAfterUseSeconds: afterUse, newSeenAt, strategy } = progress;
  if (overlapEndsAt === null) {
    return null;
  }
  const old = oldName(progress);
  const end = <Moment at={overlapEndsAt} withSeconds={graceSeconds < SHORT_SECONDS} />;
  return (
    <section
      aria-label={words.title}
      className="flex gap-4 rounded-lg border border-line bg-surface px-4 py-4 shadow-xs sm:px-5"
    >
      <Hourglass aria-hidden className="mt-1.5 size-5 shrink-0 text-accent" />
      <div className="min-w-0">
        <p className="text-xl font-semibold tabular-nums">
          {fill(words.left, { time: <TimeLeft until={overlapEndsAt} /> })}
        </p>
        <p className="text-quiet">
          {words.bothWork(newName(progress))}{' '}
          {strategy === 'graced'
            ? fill(words.issuerEnds, { old, end })
            : fill(words.stopsWorking, { old: sentence(old), end })}
        </p>
        {afterUse !== null && (
          <p className="text-quiet">
            {newSeenAt === null
              ? words.endsSooner(lengthWords(afterUse), newName(progress))
              : fill(words.seen, { fresh: sentence(newName(progress)), moment: <Moment at={newSeenAt} /> })}
          </p>
        )}
      </div>
    </section>
  );
}
