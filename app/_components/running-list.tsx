'use client';

import { Popover } from '@base-ui/react/popover';
import clsx from 'clsx';
import { fill } from '#app/_components/fill.tsx';
import { menuPopup } from '#app/_components/menu-look.ts';
import type { Trigger } from '#app/_components/on-demand.tsx';
import { RotationState } from '#app/_components/rotation-state.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { TimeLeft } from '#app/_components/time.tsx';
import { runningList as words } from '#app/_words/frame.ts';
import type { Running } from '#core/rotation/list-running.ts';

function Line({ rotation }: { rotation: Running['items'][number] }) {
  const { id, credential, environment, overlapEndsAt, phase, hold, paused, direction } = rotation;
  const goesOn = hold === null && paused === null && direction === 'forward';
  const counts = phase === 'overlap' && goesOn && overlapEndsAt !== null;
  return (
    <li className="flex flex-col gap-1 border-line border-t px-3 py-2.5">
      <div className="flex flex-wrap items-baseline justify-between gap-x-3">
        <TextLink href={`/rotations/${id}`} className="font-medium [overflow-wrap:anywhere]">
          {credential}
        </TextLink>
        <span className="text-quiet">{environment}</span>
      </div>
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <RotationState rotation={rotation} />
        {counts && (
          <span className="text-quiet">
            {fill(words.left, { length: <TimeLeft until={overlapEndsAt} /> })}
          </span>
        )}
      </div>
    </li>
  );
}

/** The rotations that are open. Opens as soon as it is there. */
export function RunningList({ items, trigger }: { items: Running['items']; trigger: Trigger }) {
  return (
    <Popover.Root defaultOpen>
      <Popover.Trigger aria-label={trigger.label} className={trigger.className}>
        {trigger.content}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner align="end" sideOffset={6} className="z-40">
          <Popover.Popup className={clsx(menuPopup, 'w-96 p-0!')}>
            <Popover.Title className="px-3 pt-2.5 pb-2 font-semibold">{words.title}</Popover.Title>
            {items.length === 0 ? (
              <p className="border-line border-t px-3 py-4 text-quiet">{words.nothing}</p>
            ) : (
              <ul className="max-h-[60dvh] overflow-y-auto">
                {items.map((rotation) => (
                  <Line key={rotation.id} rotation={rotation} />
                ))}
              </ul>
            )}
            <p className="border-line border-t px-3 py-2">
              <TextLink href="/rotations">{words.all}</TextLink>
            </p>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
