'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { useStepUp } from '#app/_components/step-up.tsx';
import { common } from '#app/_words/common.ts';
import { resumeAfterRestore } from '#app/_words/settings.ts';
import { resumeRestoredAction } from '#app/(console)/settings/after-restore/actions.ts';

/** Lets everything go on by the list that stands on the page. */
export function Resume({ comparedAt }: { comparedAt: string }) {
  const router = useRouter();
  const { withStepUp, dialog } = useStepUp();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function resume() {
    setBusy(true);
    const answer = await withStepUp(() => resumeRestoredAction(comparedAt)).catch(() => null);
    setBusy(false);
    setProblem(answer?.ok === true ? null : (answer?.message ?? common.noAnswer));
    router.refresh();
  }

  return (
    <div className="flex flex-col items-start gap-3">
      {problem !== null && (
        <Notice tone="bad" live>
          {problem}
        </Notice>
      )}
      <Button look="primary" disabled={busy} onClick={resume}>
        {resumeAfterRestore.goOn}
      </Button>
      {dialog}
    </div>
  );
}
