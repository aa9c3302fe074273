'use client';

import Link from 'next/link';
import { useEffect, useState } from 'react';
import { auditAddress } from '#app/_components/audit-address.ts';
import { buttonClass } from '#app/_components/button.tsx';
import { watchPresence } from '#app/_components/presence.ts';
import { newerEvents } from '#app/_words/audit.ts';

const EVERY_MS = 5000;

interface Newer {
  count: number;
  more: boolean;
}

/** How many events came since the page was made, as a link to them: nothing moves under the reader. */
export function NewerPill({ q, after }: { q: string; after: string }) {
  const [newer, setNewer] = useState<Newer | null>(null);

  useEffect(() => {
    const query = new URLSearchParams({ q, after });
    const presence = watchPresence();
    const ask = async () => {
      if (presence.isHere()) {
        const answer = await fetch(`/audit/newer?${query}`).catch(() => null);
        if (answer?.ok === true) {
          setNewer((await answer.json()) as Newer);
        }
      }
    };
    const timer = setInterval(ask, EVERY_MS);
    return () => {
      clearInterval(timer);
      presence.stop();
    };
  }, [q, after]);

  return (
    <div role="status">
      {newer !== null && newer.count > 0 && (
        <Link href={auditAddress(q)} className={buttonClass()}>
          {newerEvents.link(newer.count, newer.more)}
        </Link>
      )}
    </div>
  );
}
