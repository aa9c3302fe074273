'use client';

import { type Failed, FailedPage } from '#app/_components/failed-page.tsx';

/** Shown in the frame when a page fails. */
export default function ErrorPage(failed: Failed) {
  return <FailedPage {...failed} />;
}
