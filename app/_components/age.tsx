'use client';

import clsx from 'clsx';
import { useNow } from '#app/_components/clock.ts';
import { ageShare, ageWords } from '#app/_words/age.ts';

/** How old a secret is, against what its policy allows: in words, with a bar where there is a policy. */
export function Age({ since, allowedSeconds }: { since: string; allowedSeconds: number | null }) {
  const now = useNow(60_000) ?? Date.now();
  const seconds = (now - Date.parse(since)) / 1000;
  const share = allowedSeconds === null ? null : ageShare(seconds, allowedSeconds);
  return (
    <span className="inline-flex w-28 flex-col @table:@max-whole:w-auto gap-1">
      <span suppressHydrationWarning className="whitespace-nowrap">
        {ageWords(seconds, allowedSeconds)}
      </span>
      {share !== null && (
        <svg aria-hidden="true" height="6" className="block w-full">
          <rect width="100%" height="6" rx="3" className="fill-line" />
          <rect
            width={`${Math.round(share * 100)}%`}
            height="6"
            rx="3"
            suppressHydrationWarning
            className={clsx(share >= 1 ? 'fill-bad' : share >= 0.9 ? 'fill-warn' : 'fill-good')}
          />
        </svg>
      )}
    </span>
  );
}
