'use client';

import { Button } from '#app/_components/button.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { errorPage as words } from '#app/_words/frame.ts';

/** Shown when a page fails. The server keeps the details in its log, under the number named here. */
export default function ErrorPage({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
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
