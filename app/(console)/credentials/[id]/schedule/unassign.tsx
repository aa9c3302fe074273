'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { common } from '#app/_words/common.ts';
import { unassignPolicy as words } from '#app/_words/schedule.ts';
import { unassignPolicyAction } from '#app/(console)/credentials/[id]/schedule/actions.ts';

/** Takes the credential from its policy. */
export function Unassign({ credentialId, policy }: { credentialId: string; policy: string }) {
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function unassign() {
    setBusy(true);
    const answer = await unassignPolicyAction(credentialId).catch(() => null);
    setBusy(false);
    setProblem(answer === null ? common.noAnswerReload : answer.ok ? null : answer.message);
    router.refresh();
  }

  return (
    <div className="mt-8 flex flex-col items-start gap-3">
      <Button disabled={busy} onClick={unassign}>
        {words.take(policy)}
      </Button>
      {problem !== null && (
        <Notice tone="bad" live>
          {problem}
        </Notice>
      )}
    </div>
  );
}
