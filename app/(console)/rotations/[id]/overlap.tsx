'use client';

import clsx from 'clsx';
import { CirclePause, Hourglass } from 'lucide-react';
import { fill } from '#app/_components/fill.tsx';
import { SHORT_SECONDS } from '#app/_components/overlap-options.ts';
import { Moment, TimeLeft } from '#app/_components/time.tsx';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import { lengthWords } from '#app/_words/rhythm.ts';
import { overlapPanel as words } from '#app/_words/rotation-page.ts';
import { newName, oldName, sentence } from '#app/_words/standing.ts';

/** While both versions work: how long still, and the exact end; in a pause only an issuer ends one. */
export function Overlap({ progress }: { progress: RotationProgress }) {
  const {
    overlapEndsAt,
    graceSeconds,
    graceAfterUseSeconds: afterUse,
    newSeenAt,
    strategy,
    paused,
  } = progress;
  if (overlapEndsAt === null) {
    return null;
  }
  const old = oldName(progress);
  const isIssuers = strategy === 'graced';
  const waits = paused !== null && !isIssuers;
  const Icon = waits ? CirclePause : Hourglass;
  const end = <Moment at={overlapEndsAt} withSeconds={graceSeconds < SHORT_SECONDS} />;
  return (
    <section
      aria-label={words.title}
      className="flex gap-4 rounded-lg border border-line bg-surface px-4 py-4 shadow-xs sm:px-5"
    >
      <Icon aria-hidden className={clsx('mt-1.5 size-5 shrink-0', waits ? 'text-warn' : 'text-accent')} />
      <div className="min-w-0">
        <p className="text-xl font-semibold tabular-nums">
          {waits ? words.paused : fill(words.left, { time: <TimeLeft until={overlapEndsAt} /> })}
        </p>
        <p className="text-quiet">
          {words.bothWork(newName(progress))}{' '}
          {isIssuers
            ? fill(words.issuerEnds, { old, end })
            : fill(waits ? words.stopsAfterPause : words.stopsWorking, { old: sentence(old), end })}
        </p>
        {afterUse !== null && !waits && (
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
