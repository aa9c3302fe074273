'use client';

import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { watchPresence } from '#app/_components/presence.ts';

const EVERY_MS = 2000;

/** Reads the page again every two seconds while it matters and somebody looks. */
export function useFreshPage(matters: boolean): void {
  const router = useRouter();
  useEffect(() => {
    if (!matters) {
      return;
    }
    const presence = watchPresence();
    const timer = setInterval(() => {
      if (presence.isHere()) {
        router.refresh();
      }
    }, EVERY_MS);
    return () => {
      clearInterval(timer);
      presence.stop();
    };
  }, [matters, router]);
}
