'use client';

import clsx from 'clsx';
import { CirclePause, LoaderCircle } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { createContext, type ReactNode, useContext, useEffect, useRef, useState, useTransition } from 'react';
import { fill } from '#app/_components/fill.tsx';
import { barButton } from '#app/_components/menu-look.ts';
import { Notice } from '#app/_components/notice.tsx';
import { Opener, onDemand, type Trigger } from '#app/_components/on-demand.tsx';
import { watchPresence } from '#app/_components/presence.ts';
import { Ago } from '#app/_components/time.tsx';
import { workerBanner as bannerWords, runningTray } from '#app/_words/frame.ts';
import type { Running } from '#core/rotation/list-running.ts';

const ASK_EVERY_MS = 3000;

type Items = Running['items'];

const list = onDemand<{ items: Items; trigger: Trigger }>(
  async () => (await import('#app/_components/running-list.tsx')).RunningList,
);

const Now = createContext<Running | null>(null);

/** Knows what runs, on every page, and asks again every few seconds while somebody looks. */
export function RunningProvider({ first, children }: { first: Running; children: ReactNode }) {
  const [running, setRunning] = useState(first);
  useEffect(() => {
    const presence = watchPresence();
    const look = async () => {
      if (!presence.isHere()) {
        return;
      }
      // What could not be asked now is asked next time; the page keeps what it knew.
      const answer = await fetch('/running').catch(() => null);
      if (answer?.ok) {
        setRunning((await answer.json()) as Running);
      }
    };
    const timer = setInterval(look, ASK_EVERY_MS);
    return () => {
      clearInterval(timer);
      presence.stop();
    };
  }, []);
  return <Now value={running}>{children}</Now>;
}

/** Reads the page that it stands on again when something else waits for a person, or a rotation has gone on. */
export function FreshPage() {
  const mark = useContext(Now)?.mark;
  const router = useRouter();
  const [reading, read] = useTransition();
  const shown = useRef(mark);
  useEffect(() => {
    // What changes while the page is being read is read after it, so that no requests pile up.
    if (!reading && mark !== shown.current) {
      shown.current = mark;
      read(() => router.refresh());
    }
  }, [mark, reading, router]);
  return null;
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
        <p className="font-medium">{bannerWords.title}</p>
        <p>
          {running.workerSeenAt === null
            ? bannerWords.neverSeen
            : fill(bannerWords.lastSeen, { ago: <Ago at={running.workerSeenAt} /> })}{' '}
          {bannerWords.goesOn}
        </p>
      </Notice>
    </div>
  );
}

/** How many rotations are open; opens the list of them. */
export function RunningTray() {
  const running = useContext(Now);
  const { open = 0, held = 0, paused = 0, items = [] } = running ?? {};
  const goOn = open - held - paused;
  const said = runningTray.said(goOn, paused, held);
  const Icon = held > 0 || (paused > 0 && goOn === 0) ? CirclePause : LoaderCircle;
  return (
    <Opener
      part={list}
      opens="dialog"
      trigger={{
        label: runningTray.label(said),
        className: barButton,
        content: (
          <>
            <Icon
              aria-hidden
              className={clsx(
                'size-4',
                held > 0 && 'text-warn',
                held === 0 && goOn > 0 && 'animate-spin text-accent',
              )}
            />
            <span className="sm:hidden">{open}</span>
            <span className="max-sm:hidden">{said}</span>
          </>
        ),
      }}
      props={{ items }}
    />
  );
}
