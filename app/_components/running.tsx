'use client';

import { Popover } from '@base-ui/react/popover';
import clsx from 'clsx';
import { CirclePause, LoaderCircle } from 'lucide-react';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { barButton, menuPopup } from '#app/_components/menu-look.ts';
import { Notice } from '#app/_components/notice.tsx';
import { RotationState } from '#app/_components/rotation-state.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago, TimeLeft } from '#app/_components/time.tsx';
import type { Running } from '#core/rotation/list-running.ts';

const ASK_EVERY_MS = 3000;

/**
 * Asking keeps a session alive, and a session has to end when nobody is there: after this time without a key or a
 * pointer, the frame asks no more until somebody comes back.
 */
const QUIET_AFTER_MS = 10 * 60_000;

const Now = createContext<Running | null>(null);

/** Knows what runs, on every page, and asks again every few seconds while somebody looks. */
export function RunningProvider({ first, children }: { first: Running; children: ReactNode }) {
  const [running, setRunning] = useState(first);
  useEffect(() => {
    let touchedAt = Date.now();
    const touch = () => {
      touchedAt = Date.now();
    };
    const look = async () => {
      if (document.hidden || Date.now() - touchedAt > QUIET_AFTER_MS) {
        return;
      }
      // What could not be asked now is asked next time; the page keeps what it knew.
      const answer = await fetch('/running').catch(() => null);
      if (answer?.ok) {
        setRunning((await answer.json()) as Running);
      }
    };
    const timer = setInterval(look, ASK_EVERY_MS);
    window.addEventListener('keydown', touch);
    window.addEventListener('pointermove', touch);
    return () => {
      clearInterval(timer);
      window.removeEventListener('keydown', touch);
      window.removeEventListener('pointermove', touch);
    };
  }, []);
  return <Now value={running}>{children}</Now>;
}

/** Says over every page that no rotation will run, as long as that is so. */
export function WorkerBanner() {
  const running = useContext(Now);
  if (running === null || running.workers > 0) {
    return null;
  }
  return (
    <div className="mb-6">
      <Notice tone="bad" live>
        <p className="font-medium">No worker is alive: rotations will not run.</p>
        <p>
          {running.workerSeenAt === null ? (
            'None was ever seen. '
          ) : (
            <>
              The last one was seen <Ago at={running.workerSeenAt} />.{' '}
            </>
          )}
          What is under way stays where it is and nothing is lost. Start a worker; it goes on by itself.
        </p>
      </Notice>
    </div>
  );
}

function Line({ rotation }: { rotation: Running['items'][number] }) {
  const { id, credential, environment, overlapEndsAt, phase, hold, direction } = rotation;
  const counts = phase === 'overlap' && hold === null && direction === 'forward' && overlapEndsAt !== null;
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
            <TimeLeft until={overlapEndsAt} /> left
          </span>
        )}
      </div>
    </li>
  );
}

/** How many rotations are open; opens the list of them. */
export function RunningTray() {
  const running = useContext(Now);
  const { open = 0, held = 0, items = [] } = running ?? {};
  const said = held > 0 ? `${open - held} running, ${held} held` : `${open} running`;
  const Icon = held > 0 ? CirclePause : LoaderCircle;
  return (
    <Popover.Root>
      <Popover.Trigger aria-label={`Open rotations: ${said}`} className={barButton}>
        <Icon
          aria-hidden
          className={clsx(
            'size-4',
            held > 0 && 'text-warn',
            held === 0 && open > 0 && 'animate-spin text-accent',
          )}
        />
        <span className="sm:hidden">{open}</span>
        <span className="max-sm:hidden">{said}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner align="end" sideOffset={6} className="z-40">
          <Popover.Popup className={clsx(menuPopup, 'w-96 p-0!')}>
            <Popover.Title className="px-3 pt-2.5 pb-2 font-semibold">Open rotations</Popover.Title>
            {items.length === 0 ? (
              <p className="border-line border-t px-3 py-4 text-quiet">Nothing is rotating now.</p>
            ) : (
              <ul className="max-h-[60dvh] overflow-y-auto">
                {items.map((rotation) => (
                  <Line key={rotation.id} rotation={rotation} />
                ))}
              </ul>
            )}
            <p className="border-line border-t px-3 py-2">
              <TextLink href="/rotations">All rotations</TextLink>
            </p>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
