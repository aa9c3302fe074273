'use client';

import { CircleCheck, CircleDashed, Send } from 'lucide-react';
import { Badge } from '#app/_components/badge.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { Ago } from '#app/_components/time.tsx';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import { levelWord } from '#app/_words/rotation.ts';
import { deliveries as words } from '#app/_words/rotation-page.ts';
import { mayHaveNew } from '#app/_words/standing.ts';
import { DeliverAgain } from '#app/(console)/rotations/[id]/deliver-again.tsx';

type Target = RotationProgress['targets'][number];

function Level({ target: { level, confirmedAt }, kept }: { target: Target; kept: boolean }) {
  if (kept) {
    return (
      <Badge tone="quiet" icon={CircleCheck}>
        {words.unchanged}
      </Badge>
    );
  }
  if (level === null) {
    return (
      <Badge tone="quiet" icon={CircleDashed}>
        {words.notDelivered}
      </Badge>
    );
  }
  return (
    <Badge tone={confirmedAt === null ? 'busy' : 'good'} icon={confirmedAt === null ? Send : CircleCheck}>
      {levelWord(level)}
    </Badge>
  );
}

function needed({ required, needs }: Target): string {
  const level = levelWord(needs).toLowerCase();
  return required ? words.required(level) : words.bestEffort(level);
}

/** Each target and how surely it has the version that comes in: the new one, or the old one on the way back. */
export function Deliveries({ progress, mayRetry }: { progress: RotationProgress; mayRetry: boolean }) {
  const { targets, direction, fromVersion, toVersion } = progress;
  const incoming = direction === 'forward' ? toVersion : fromVersion;
  // A target that never got the new version needs nothing on the way back.
  const isKept = ({ bindingId, level }: Target) =>
    direction === 'back' && level === null && !mayHaveNew(progress, bindingId);
  return (
    <Panel title={words.title} aside={incoming === null ? undefined : `v${incoming}`} flush>
      {targets.length === 0 ? (
        <p className="px-4 pb-4 text-quiet sm:px-5">{words.nothingBound}</p>
      ) : (
        <ul>
          {targets.map((target) => (
            <li key={target.bindingId} className="border-line border-t px-4 py-3 sm:px-5">
              <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
                <span className="min-w-0 font-semibold break-words">{target.name}</span>
                <Level target={target} kept={isKept(target)} />
              </div>
              <p className="text-sm text-quiet">
                {needed(target)}
                {target.level !== null && target.confirmedAt !== null && (
                  <>
                    {' '}
                    · <Ago at={target.confirmedAt} />
                  </>
                )}
              </p>
              {mayRetry && target.confirmedAt === null && !isKept(target) && (
                <DeliverAgain rotationId={progress.id} target={target} />
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
