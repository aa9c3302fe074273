'use client';

import { useCallback, useEffect, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { SideSheet } from '#app/_components/side-sheet.tsx';
import type { Answer } from '#app/_doors/answer.ts';
import { common } from '#app/_words/common.ts';
import { rotateSheet as words } from '#app/_words/rotate-sheet.ts';
import { planAction } from '#app/(console)/credentials/[id]/actions.ts';
import { RotateForm, WaitingButtons } from '#app/(console)/credentials/[id]/rotate-form.tsx';
import type { PlannedRotation } from '#core/rotation/plan-rotation.ts';

const unreachable = {
  ok: false,
  code: 'unreachable',
  message: common.noAnswerUnchanged,
} as const;

function LoadingPlan() {
  return (
    <div className="flex-1 px-5 py-6" aria-busy="true">
      <p className="text-quiet">{words.planning}</p>
    </div>
  );
}

export interface RotateSheetProps {
  credentialId: string;
  name: string;
  nextVersion: number;
  open: boolean;
  change(open: boolean): void;
}

/** A side sheet, on phones and other narrow screens the whole of it. The plan is read before anything can be sent. */
export function RotateSheet({ credentialId, name, nextVersion, open, change }: RotateSheetProps) {
  const [planned, setPlanned] = useState<Answer<PlannedRotation> | null>(null);

  const loadPlan = useCallback(async () => {
    setPlanned(null);
    setPlanned(await planAction(credentialId).catch(() => unreachable));
  }, [credentialId]);

  // What was planned before says nothing about now.
  useEffect(() => {
    if (open) {
      loadPlan();
    }
  }, [open, loadPlan]);

  return (
    <SideSheet title={words.title(name)} open={open} change={change}>
      {planned === null && <LoadingPlan />}
      {planned?.ok === false && (
        <div className="flex flex-1 flex-col items-start gap-3 p-5">
          <Notice tone="bad" live>
            {planned.message}
          </Notice>
          <Button onClick={loadPlan}>{words.tryAgain}</Button>
        </div>
      )}
      {planned?.ok === true ? (
        <RotateForm plan={planned.value} nextVersion={nextVersion} />
      ) : (
        <WaitingButtons />
      )}
    </SideSheet>
  );
}
