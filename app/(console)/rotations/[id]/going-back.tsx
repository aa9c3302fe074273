'use client';

import { Undo2 } from 'lucide-react';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import { goingBack as words } from '#app/_words/rotation-page.ts';
import { standing } from '#app/_words/standing.ts';

/** While a rotation is rolled back: what state things are in. */
export function GoingBack({ progress }: { progress: RotationProgress }) {
  return (
    <section
      aria-label={words.title}
      className="flex gap-4 rounded-lg border border-line bg-surface px-4 py-4 shadow-xs sm:px-5"
    >
      <Undo2 aria-hidden className="mt-1.5 size-5 shrink-0 text-accent" />
      <div className="min-w-0">
        <p className="text-xl font-semibold">{words.title}</p>
        <p className="text-quiet">{standing(progress)}</p>
      </div>
    </section>
  );
}
