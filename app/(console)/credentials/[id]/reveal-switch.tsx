'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { useStepUp } from '#app/_components/step-up.tsx';
import { common } from '#app/_words/common.ts';
import { revealSwitch as words } from '#app/_words/reveal.ts';
import { allowRevealAction, forbidRevealAction } from '#app/(console)/credentials/[id]/reveal-actions.ts';

const unanswered = {
  ok: false,
  message: common.noAnswerReload,
} as const;

/** Lets values of a credential be shown, or no longer. */
export function RevealSwitch({ credentialId, allowed }: { credentialId: string; allowed: boolean }) {
  const router = useRouter();
  const { withStepUp, dialog } = useStepUp();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  async function click() {
    setBusy(true);
    setError(null);
    const action = allowed ? forbidRevealAction : allowRevealAction;
    const answer = await withStepUp(() => action(credentialId)).catch(() => unanswered);
    setBusy(false);
    setError(answer.ok ? null : answer.message);
    router.refresh();
  }

  return (
    <>
      <Button disabled={busy} onClick={click}>
        {allowed ? words.turnOff : words.turnOn}
      </Button>
      {error !== null && (
        <Notice tone="bad" live>
          {error}
        </Notice>
      )}
      {dialog}
    </>
  );
}
