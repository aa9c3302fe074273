'use client';

import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { places } from '#app/_components/places.ts';
import { keysCookie, remember } from '#app/_components/preferences.ts';
import {
  focusSearch,
  isForPage,
  moveRow,
  onOpen,
  openKeys,
  openPalette,
  pressOffered,
} from '#app/_components/shortcuts.ts';

/** How long `g` waits for the key of a place. */
const GO_MS = 1500;

const others = [
  { keys: ['Ctrl', 'K'], does: 'Go to anything, or do something (⌘ K on a Mac)' },
  { keys: ['/'], does: 'Search in this list' },
  { keys: ['j'], does: 'Next row' },
  { keys: ['k'], does: 'Row before' },
  { keys: ['r'], does: 'On a credential: open its rotation sheet' },
  { keys: ['?'], does: 'Show these keys' },
];

function useKeys(single: boolean): void {
  const router = useRouter();
  const goUntil = useRef(0);
  useEffect(() => {
    function goTo(key: string): boolean {
      const place = places.find((one) => one.key === key);
      if (Date.now() > goUntil.current || place === undefined) {
        return false;
      }
      goUntil.current = 0;
      router.push(place.href);
      return true;
    }
    const acts: Record<string, () => void> = {
      '/': focusSearch,
      '?': openKeys,
      j: () => moveRow(1),
      k: () => moveRow(-1),
      r: () => pressOffered('r'),
      g: () => {
        goUntil.current = Date.now() + GO_MS;
      },
    };
    function press(event: KeyboardEvent) {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        openPalette();
        return;
      }
      if (!single || !isForPage(event)) {
        return;
      }
      const act = acts[event.key];
      if (goTo(event.key)) {
        event.preventDefault();
      } else if (act !== undefined) {
        event.preventDefault();
        act();
      }
    }
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [router, single]);
}

function Key({ children }: { children: string }) {
  return (
    <kbd className="inline-flex min-w-6 justify-center rounded border border-line bg-raised px-1.5 font-mono text-xs leading-5">
      {children}
    </kbd>
  );
}

function Line({ keys, does }: { keys: readonly string[]; does: string }) {
  return (
    <div className="flex items-baseline justify-between gap-4 py-1">
      <dt>{does}</dt>
      <dd className="flex shrink-0 gap-1">
        {keys.map((key) => (
          <Key key={key}>{key}</Key>
        ))}
      </dd>
    </div>
  );
}

/** The keys that every page knows, and the list of them. Single keys can be turned off (WCAG 2.1.4). */
export function Keys({ on }: { on: boolean }) {
  const [open, setOpen] = useState(false);
  const [single, setSingle] = useState(on);
  useKeys(single);
  useEffect(() => onOpen('keys', () => setOpen(true)), []);

  function turn(next: boolean) {
    setSingle(next);
    remember(keysCookie, next ? '' : 'off');
  }

  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Popup className="fixed top-1/2 left-1/2 z-50 flex max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] max-w-md -translate-x-1/2 -translate-y-1/2 flex-col gap-3 overflow-y-auto rounded-lg border border-line bg-surface p-5 shadow-xl">
          <div className="flex items-start justify-between gap-4">
            <Dialog.Title className="text-lg font-semibold">Keys</Dialog.Title>
            <Dialog.Close
              aria-label="Close"
              className="-mr-1.5 inline-flex size-9 items-center justify-center rounded-md text-quiet hover:bg-raised hover:text-ink"
            >
              <X aria-hidden className="size-4" />
            </Dialog.Close>
          </div>
          <dl className="text-sm">
            {others.map((line) => (
              <Line key={line.does} {...line} />
            ))}
            {places.map(({ key, label }) =>
              key === undefined ? null : <Line key={label} keys={['g', key]} does={`Go to ${label}`} />,
            )}
          </dl>
          <label className="flex gap-2.5 border-line border-t pt-3 text-sm">
            <input
              type="checkbox"
              checked={single}
              onChange={(event) => turn(event.target.checked)}
              className="mt-0.5 size-5 shrink-0 accent-accent pointer-coarse:size-6"
            />
            Single keys work in this browser. Ctrl K always does.
          </label>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
