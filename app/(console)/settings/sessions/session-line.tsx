'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { browserOf } from '#app/_components/browser-of.ts';
import { Button } from '#app/_components/button.tsx';
import { Ago } from '#app/_components/time.tsx';
import { revokeSessionAction } from '#app/(console)/settings/sessions/actions.ts';
import type { SessionRow } from '#core/users/session-rows.ts';

/** One session: with what, from where, since when; and its end. */
export function SessionLine({
  session,
  isThis,
  withName = false,
}: {
  session: SessionRow;
  isThis: boolean;
  withName?: boolean;
}) {
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const what = `${withName ? `${session.user}, ` : ''}${browserOf(session.userAgent)}`;

  async function end() {
    setBusy(true);
    const answer = await revokeSessionAction(session.id).catch(() => null);
    setBusy(false);
    setProblem(answer?.ok === true ? null : (answer?.message ?? 'Rekey does not answer. Try again.'));
    router.refresh();
  }

  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-2 border-line border-t px-4 py-3 sm:px-5">
      <div className="min-w-0 flex-1 basis-60">
        <p className="break-words" title={session.userAgent ?? undefined}>
          {what}
          {isThis && <span className="text-quiet"> (this one)</span>}
        </p>
        <p className="text-sm break-words text-quiet">
          from {session.address ?? 'an unknown address'} · signed in <Ago at={session.createdAt} /> · last
          seen <Ago at={session.lastSeenAt} />
        </p>
        {problem !== null && (
          <p role="alert" className="text-sm text-bad">
            {problem}
          </p>
        )}
      </div>
      {!isThis && (
        <Button disabled={busy} onClick={end}>
          End<span className="sr-only"> the session of {what}</span>
        </Button>
      )}
    </li>
  );
}
