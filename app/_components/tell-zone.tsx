'use client';

import { useEffect } from 'react';
import { ownZoneCookie, remember } from '#app/_components/preferences.ts';

/** Lets the server know the zone of this browser, so that pages that are drawn by a zone open in it. */
export function TellZone({ told }: { told: string | undefined }) {
  useEffect(() => {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    if (timeZone !== told) {
      remember(ownZoneCookie, timeZone);
    }
  }, [told]);
  return null;
}
