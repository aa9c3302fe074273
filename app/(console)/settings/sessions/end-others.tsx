'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { common } from '#app/_words/common.ts';
import { sessionsPage } from '#app/_words/settings.ts';
import { revokeOtherSessionsAction } from '#app/(console)/settings/sessions/actions.ts';

export function EndOthers() {
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  async function end() {
    setBusy(true);
    const answer = await revokeOtherSessionsAction().catch(() => null);
    setBusy(false);
    setProblem(answer?.ok === true ? null : (answer?.message ?? common.noAnswer));
    router.refresh();
  }
  return (
    <>
      <Button disabled={busy} onClick={end}>
        {sessionsPage.endOthers}
      </Button>
      {problem !== null && (
        <p role="alert" className="mt-1 text-bad">
          {problem}
        </p>
      )}
    </>
  );
}
