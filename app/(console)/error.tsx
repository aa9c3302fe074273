'use client';

import { Button } from '#app/_components/button.tsx';
import { Notice } from '#app/_components/notice.tsx';

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
      <h1 className="text-2xl font-semibold tracking-tight">This page could not be shown</h1>
      <Notice tone="bad" live>
        Something failed on our side. Rotations go on without this page, and opening it changed nothing.
        {error.digest !== undefined && ` The log has the details under the number ${error.digest}.`}
      </Notice>
      <Button onClick={reset}>Try again</Button>
    </div>
  );
}
