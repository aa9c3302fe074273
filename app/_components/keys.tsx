'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import type { KeysDialogProps } from '#app/_components/keys-dialog.tsx';
import { Once, onDemand } from '#app/_components/on-demand.tsx';
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

const list = onDemand<KeysDialogProps>(
  async () => (await import('#app/_components/keys-dialog.tsx')).KeysDialog,
);

/** How long `g` waits for the key of a place. */
const GO_MS = 1500;

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
    <Once open={open}>
      <list.Part open={open} change={setOpen} single={single} turn={turn} />
    </Once>
  );
}
