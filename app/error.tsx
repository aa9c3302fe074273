'use client';

import { Brand } from '#app/_components/brand.tsx';
import { type Failed, FailedPage } from '#app/_components/failed-page.tsx';

/** Shown when the frame itself fails, as every one does while the database does not answer. A new try is asked of the server. */
export default function ErrorPage({ error }: Failed) {
  return (
    <main className="mx-auto flex min-h-dvh max-w-xl flex-col justify-center gap-8 px-4 py-12">
      <Brand />
      <FailedPage error={error} reset={() => window.location.reload()} />
    </main>
  );
}
