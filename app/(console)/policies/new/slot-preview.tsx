'use client';

import { useEffect, useState } from 'react';
import { absoluteTime } from '#app/_components/format-time.ts';
import { rhythmWords } from '#app/_components/rhythm-words.ts';
import type { Answer } from '#app/_doors/answer.ts';
import { previewSlotsAction } from '#app/(console)/policies/actions.ts';
import type { Rhythm } from '#core/schedule/next-slot.ts';

const AFTER_TYPING_MS = 300;

type Preview = Answer<{ slots: string[] }>;

const isComplete = (rhythm: Rhythm) =>
  'intervalSeconds' in rhythm ? rhythm.intervalSeconds > 0 : rhythm.cron !== '' && rhythm.timeZone !== '';

/** The answer for this rhythm, once typing has paused; null until there is one. */
function usePreview(rhythm: Rhythm): Preview | null {
  const [preview, setPreview] = useState<{ of: string; answer: Preview } | null>(null);
  const wanted = JSON.stringify(rhythm);
  useEffect(() => {
    const asked: Rhythm = JSON.parse(wanted);
    if (!isComplete(asked)) {
      return;
    }
    let isStale = false;
    const timer = setTimeout(async () => {
      const answer = await previewSlotsAction(asked).catch(() => null);
      if (!isStale && answer !== null) {
        setPreview({ of: wanted, answer });
      }
    }, AFTER_TYPING_MS);
    return () => {
      isStale = true;
      clearTimeout(timer);
    };
  }, [wanted]);
  return preview?.of === wanted ? preview.answer : null;
}

/** The next five slots of a rhythm, in its own time zone; summer time shows in the zone's name. */
export function SlotPreview({ rhythm }: { rhythm: Rhythm }) {
  const preview = usePreview(rhythm);
  const isFixed = 'intervalSeconds' in rhythm;
  return (
    <section aria-label="Preview" className="min-h-44 rounded-md bg-raised px-4 py-3 text-sm">
      {!isComplete(rhythm) && <p className="text-quiet">The next slots appear here.</p>}
      {isComplete(rhythm) && preview === null && <p className="text-quiet">Working out the next slots…</p>}
      {preview !== null && !preview.ok && <p className="text-bad">{preview.message}</p>}
      {preview?.ok && (
        <>
          <p className="font-medium">{rhythmWords(rhythm)}</p>
          <ol className="mt-1 list-inside list-decimal">
            {preview.value.slots.map((slot) => (
              <li key={slot}>
                <time dateTime={slot}>{absoluteTime(slot, isFixed ? undefined : rhythm.timeZone)}</time>
              </li>
            ))}
          </ol>
          {isFixed && (
            <p className="mt-1 text-quiet">
              As if a credential were given the policy now: it counts from then.
            </p>
          )}
        </>
      )}
    </section>
  );
}
