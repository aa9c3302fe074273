'use client';

import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react';
import { Button } from '#app/_components/button.tsx';
import {
  type Found,
  readyWords,
  shownFound,
  verdictOf,
  type Weight,
  weightOf,
} from '#app/_words/preflight.ts';
import { preflight as words } from '#app/_words/rotate-sheet.ts';
import type { Probe } from '#app/(console)/credentials/[id]/use-probe.ts';

const looks: Record<Weight, { icon: typeof CircleCheck; word: string; tone: string }> = {
  ready: { icon: CircleCheck, word: words.ready, tone: 'text-good' },
  warns: { icon: TriangleAlert, word: words.warns, tone: 'text-warn' },
  blocks: { icon: CircleX, word: words.blocks, tone: 'text-bad' },
};

function Row({ found, breach }: { found: Found; breach: boolean }) {
  const { check, ok, required, message, fix } = found;
  const { icon: Icon, word, tone } = looks[weightOf(found, breach)];
  return (
    <li className="flex gap-2 text-sm">
      <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${tone}`} />
      <div className="min-w-0 break-words">
        <span className={`font-medium ${tone}`}>{word}</span> <span>{ok ? readyWords(found) : message}</span>
        {!ok && !required && check === 'target' && <span className="text-quiet"> {words.notWaitedFor}</span>}
        {fix !== null && <p className="text-quiet">{words.whatToDo(fix)}</p>}
      </div>
    </li>
  );
}

function summary(probe: Probe | null, breach: boolean): string {
  if (probe === null) {
    return words.asking;
  }
  if (!probe.ok) {
    return words.notAsked(probe.message);
  }
  const { blocks, warns } = verdictOf(probe.value, breach);
  if (blocks > 0) {
    return words.obstacles(blocks);
  }
  return warns > 0 ? words.warnings(warns) : words.allReady;
}

/**
 * Whether the issuer and every target answer and permit, and what else stands in the way, asked while the plan is read.
 * Nothing is changed by it. A warning takes a tick.
 */
export function Preflight({
  probe,
  breach,
  ticked,
  onTick,
  onAgain,
}: {
  probe: Probe | null;
  breach: boolean;
  ticked: boolean;
  onTick(ticked: boolean): void;
  onAgain(): void;
}) {
  const found = probe?.ok ? shownFound(probe.value, breach) : [];
  const { blocks, warns } = verdictOf(found, breach);
  return (
    <section aria-label={words.title}>
      <h3 className="font-semibold">{words.title}</h3>
      <p role="status" className="mt-0.5 text-sm text-quiet">
        {summary(probe, breach)}
      </p>
      <ul className="mt-2 flex flex-col gap-1.5">
        {found.map((one, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two bindings may be at the same target, and the list is replaced as a whole.
          <Row key={index} found={one} breach={breach} />
        ))}
      </ul>
      {(probe?.ok === false || blocks + warns > 0) && (
        <div className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-2">
          <Button onClick={onAgain}>{words.lookAgain}</Button>
          {blocks === 0 && warns > 0 && (
            <label className="inline-flex min-h-6 cursor-pointer items-center gap-2.5 text-sm pointer-coarse:min-h-11">
              <input
                type="checkbox"
                checked={ticked}
                onChange={(event) => onTick(event.currentTarget.checked)}
                className="size-4 shrink-0 accent-accent"
              />
              {words.allTheSame}
            </label>
          )}
        </div>
      )}
    </section>
  );
}
