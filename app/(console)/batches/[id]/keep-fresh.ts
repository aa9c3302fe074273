'use client';

import { useRouter } from 'next/navigation';
import { useEffect } from 'react';

const EVERY_MS = 2000;

/** Asking keeps a session alive, and a session has to end when nobody is there. */
const QUIET_AFTER_MS = 10 * 60_000;

/** Reads the page again every two seconds while it matters and somebody looks. */
export function useFreshPage(matters: boolean): void {
  const router = useRouter();
  useEffect(() => {
    if (!matters) {
      return;
    }
    let touchedAt = Date.now();
    const touch = () => {
      touchedAt = Date.now();
    };
    const timer = setInterval(() => {
      if (!document.hidden && Date.now() - touchedAt < QUIET_AFTER_MS) {
        router.refresh();
      }
    }, EVERY_MS);
    window.addEventListener('keydown', touch);
    window.addEventListener('pointermove', touch);
    return () => {
      clearInterval(timer);
      window.removeEventListener('keydown', touch);
      window.removeEventListener('pointermove', touch);
    };
  }, [matters, router]);
}
