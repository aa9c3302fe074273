'use client';

import { useEffect, useState } from 'react';
import { fill } from '#app/_components/fill.tsx';
import { absoluteTime } from '#app/_components/format-time.ts';
import type { Answer } from '#app/_doors/answer.ts';
import { slotPreview as words } from '#app/_words/policies.ts';
import { rhythmWords } from '#app/_words/rhythm.ts';
import { previewSlotsAction } from '#app/(console)/policies/actions.ts';
import type { Rhythm } from '#core/schedule/next-slot.ts';
import type { RulesWish } from '#core/schedule/rules.ts';

const AFTER_TYPING_MS = 300;

type Preview = Answer<{ slots: { at: string; starts: string | null }[] }>;

export interface Wish {
  rhythm: Rhythm;
  rules: RulesWish;
}

const isComplete = (rhythm: Rhythm) =>
  'intervalSeconds' in rhythm ? rhythm.intervalSeconds > 0 : rhythm.cron !== '' && rhythm.timeZone !== '';

/** The answer for this rhythm, once typing has paused; null until there is one. */
function usePreview({ rhythm, rules }: Wish): Preview | null {
  const [preview, setPreview] = useState<{ of: string; answer: Preview } | null>(null);
  const wanted = JSON.stringify({ rhythm, rules });
  useEffect(() => {
    const asked: Wish = JSON.parse(wanted);
    if (!isComplete(asked.rhythm)) {
      return;
    }
    let isStale = false;
    const timer = setTimeout(async () => {
      const answer = await previewSlotsAction(asked.rhythm, asked.rules).catch(() => null);
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

/** One slot, and when it starts where the window or a blackout puts that off. A change of the clocks since the one before is marked. */
function Slot({ slot, zone, changed }: { slot: Shown; zone: string | undefined; changed: boolean }) {
  const { at, starts } = slot;
  return (
    <li>
      <time dateTime={at}>{absoluteTime(at, zone)}</time>
      {changed && <span className="text-warn"> · {words.clocksChanged}</span>}
      {starts === null && <span className="text-bad"> · {words.neverStarts}</span>}
      {starts !== null && starts !== at && (
        <span className="text-quiet">
          {' '}
          · {fill(words.starts, { time: <time dateTime={starts}>{absoluteTime(starts, zone)}</time> })}
        </span>
      )}
    </li>
  );
}

interface Shown {
  at: string;
  starts: string | null;
}

/** How far a zone is ahead of UTC, as it is written: `GMT+2`. */
function offsetIn(zone: string | undefined, at: string): string | undefined {
  const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'shortOffset' });
  return format.formatToParts(new Date(at)).find(({ type }) => type === 'timeZoneName')?.value;
}

/** The next ten slots of a rhythm, in its own time zone, and what the rules make of them. */
export function SlotPreview({ rhythm, rules }: Wish) {
  const preview = usePreview({ rhythm, rules });
  const isFixed = 'intervalSeconds' in rhythm;
  return (
    <section aria-label={words.title} className="min-h-44 rounded-md bg-raised px-4 py-3 text-sm">
      {!isComplete(rhythm) && <p className="text-quiet">{words.incomplete}</p>}
      {isComplete(rhythm) && preview === null && <p className="text-quiet">{words.working}</p>}
      {preview !== null && !preview.ok && <p className="text-bad">{preview.message}</p>}
      {preview?.ok && (
        <>
          <p className="font-medium">{rhythmWords(rhythm)}</p>
          <ol className="mt-1 list-inside list-decimal">
            {preview.value.slots.map((slot, n, all) => {
              const zone = isFixed ? undefined : rhythm.timeZone;
              const before = all[n - 1];
              const changed = before !== undefined && offsetIn(zone, before.at) !== offsetIn(zone, slot.at);
              return <Slot key={slot.at} slot={slot} zone={zone} changed={changed} />;
            })}
          </ol>
          {isFixed && <p className="mt-1 text-quiet">{words.fromNow}</p>}
        </>
      )}
    </section>
  );
}
