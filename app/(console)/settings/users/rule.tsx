'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { useStepUp } from '#app/_components/step-up.tsx';
import { common } from '#app/_words/common.ts';
import { secondFactorRule } from '#app/_words/settings.ts';
import {
  requireSecondFactorAction,
  waiveSecondFactorAction,
} from '#app/(console)/settings/users/rule-actions.ts';

/** Makes a second factor required for everybody, or optional again. */
export function RuleSwitch({ required }: { required: boolean }) {
  const router = useRouter();
  const { withStepUp, dialog } = useStepUp();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function click() {
    setBusy(true);
    setProblem(null);
    const call = required ? waiveSecondFactorAction : requireSecondFactorAction;
    const answer = await withStepUp(call).catch(() => null);
    setBusy(false);
    if (answer?.ok !== true) {
      setProblem(answer?.message ?? common.noAnswerReload);
    }
    router.refresh();
  }

  return (
    <>
      <Button disabled={busy} onClick={click}>
        {required ? secondFactorRule.makeOptional : secondFactorRule.require}
      </Button>
      {problem !== null && (
        <Notice tone="bad" live>
          {problem}
        </Notice>
      )}
      {dialog}
    </>
  );
}
