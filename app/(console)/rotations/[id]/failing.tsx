'use client';

import { Notice } from '#app/_components/notice.tsx';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import { phaseWords } from '#app/_words/rotation.ts';
import { failing as words } from '#app/_words/rotation-page.ts';
import { standing } from '#app/_words/standing.ts';

/** That the present phase fails and is tried again: what state things are in meanwhile. */
export function Failing({ progress }: { progress: RotationProgress }) {
  return (
    <Notice tone="warn">
      <h2 className="font-semibold">{words.title(phaseWords[progress.phase].name)}</h2>
      <p className="mt-1">{standing(progress)}</p>
      <p className="mt-1">{words.about}</p>
    </Notice>
  );
}
