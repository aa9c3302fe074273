'use client';

import { Button } from '#app/_components/button.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { errorPage as words } from '#app/_words/frame.ts';

/** What Next gives to the page that stands in for one that failed. */
export interface Failed {
  error: Error & { digest?: string };
  reset: () => void;
}

/** Says that a page failed, what that means for what is under way, and under which number the server's log has the details. */
export function FailedPage({ error, reset }: Failed) {
  return (
    <div className="flex max-w-prose flex-col items-start gap-4">
      <h1 className="text-2xl font-semibold tracking-tight">{words.title}</h1>
      <Notice tone="bad" live>
        {words.about}
        {error.digest !== undefined && ` ${words.inTheLog(error.digest)}`}
      </Notice>
      <Button onClick={reset}>{words.tryAgain}</Button>
    </div>
  );
}
