'use client';

import { CircleCheck, CircleX } from 'lucide-react';

/** How an event ended, as an icon and a word. */
export function Outcome({ outcome }: { outcome: string }) {
  const failed = outcome === 'failure';
  const Icon = failed ? CircleX : CircleCheck;
  return (
    <span
      className={`inline-flex items-center gap-1.5 whitespace-nowrap ${failed ? 'text-bad' : 'text-good'}`}
    >
      <Icon aria-hidden className="size-4" />
      {failed ? 'Failure' : 'Success'}
    </span>
  );
}
