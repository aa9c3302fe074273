'use client';

import { CircleCheck, CircleX } from 'lucide-react';
import { eventOutcome } from '#app/_words/audit.ts';

/** How an event ended, as an icon and a word. */
export function Outcome({ outcome }: { outcome: string }) {
  const failed = outcome === 'failure';
  const Icon = failed ? CircleX : CircleCheck;
  return (
    <span
      className={`inline-flex items-center gap-1.5 whitespace-nowrap ${failed ? 'text-bad' : 'text-good'}`}
    >
      <Icon aria-hidden className="size-4" />
      {failed ? eventOutcome.failure : eventOutcome.success}
    </span>
  );
}
