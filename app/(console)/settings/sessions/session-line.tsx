'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { browserOf } from '#app/_components/browser-of.ts';
import { Button } from '#app/_components/button.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Ago } from '#app/_components/time.tsx';
import { common } from '#app/_words/common.ts';
import { sessionLine as words } from '#app/_words/settings.ts';
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
    setProblem(answer?.ok === true ? null : (answer?.message ?? common.noAnswer));
    router.refresh();
  }

  const times = { since: <Ago at={session.createdAt} />, seen: <Ago at={session.lastSeenAt} /> };
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-2 border-line border-t px-4 py-3 sm:px-5">
      <div className="min-w-0 flex-1 basis-60">
        <p className="break-words" title={session.userAgent ?? undefined}>
          {what}
          {isThis && <span className="text-quiet"> {words.thisOne}</span>}
        </p>
        <p className="text-sm break-words text-quiet">
          {session.address === null
            ? fill(words.toldWithoutAddress, times)
            : fill(words.told, { address: session.address, ...times })}
        </p>
        {problem !== null && (
          <p role="alert" className="text-sm text-bad">
            {problem}
          </p>
        )}
      </div>
      {!isThis && (
        <Button disabled={busy} onClick={end}>
          {fill(words.end, { which: <span className="sr-only">{words.which(what)}</span> })}
        </Button>
      )}
    </li>
  );
}
