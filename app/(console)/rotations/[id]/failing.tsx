'use client';

import { Notice } from '#app/_components/notice.tsx';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import { type Asked, type Offered, refusalOf } from '#app/_words/actions.ts';
import { phaseWords } from '#app/_words/rotation.ts';
import { failing as words } from '#app/_words/rotation-page.ts';
import { standing } from '#app/_words/standing.ts';
import { ActionButtons } from '#app/(console)/rotations/[id]/action-buttons.tsx';
import { NextTry } from '#app/(console)/rotations/[id]/next-try.tsx';

/** That the present phase fails and is tried again: what state things are in meanwhile, and whether it can be sooner. */
export function Failing({
  progress,
  may,
  ask,
}: {
  progress: RotationProgress;
  may: readonly Offered[];
  ask(action: Asked): void;
}) {
  const { nextAttemptAt: next } = progress;
  const why = refusalOf(progress, 'try_now');
  return (
    <Notice tone="warn">
      <h2 className="font-semibold">{words.title(phaseWords[progress.phase].name)}</h2>
      <p className="mt-1">{standing(progress)}</p>
      <p className="mt-1">
        <NextTry at={next} /> {words.about}
      </p>
      {may.includes('try_now') && next !== null && (
        <div className="mt-3 mb-1">
          {why === null ? (
            <>
              <ActionButtons rotationId={progress.id} actions={['try_now']} ask={ask} />
              <p className="mt-2 text-sm text-quiet">{words.counts}</p>
            </>
          ) : (
            <p className="text-sm text-quiet">{words.notSooner(why)}</p>
          )}
        </div>
      )}
    </Notice>
  );
}
