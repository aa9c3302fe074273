'use client';

import { Dialog } from '@base-ui/react/dialog';
import { useState } from 'react';
import { Button, buttonClass } from '#app/_components/button.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { QuestionDialog } from '#app/_components/question-dialog.tsx';
import type { Answer } from '#app/_doors/answer.ts';
import { common } from '#app/_words/common.ts';

const unreachable = { ok: false, message: common.noAnswerReload } as const;

export interface Confirming {
  title: string;
  /** What happens and what stays, a paragraph each. */
  about: readonly string[];
  /** The button's words, and those while it is done. */
  act: string;
  acting: string;
  run(): Promise<Answer<void>>;
}

export interface ConfirmDialogProps extends Confirming {
  open: boolean;
  change(open: boolean): void;
  onDone(): void;
}

/** Says what an act does and does not do before it is done, and what stood in its way after. */
export function ConfirmDialog({ title, about, act, acting, run, open, change, onDone }: ConfirmDialogProps) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function confirm() {
    setBusy(true);
    setProblem(null);
    const answer = await run().catch(() => unreachable);
    setBusy(false);
    if (answer.ok) {
      change(false);
      onDone();
    } else {
      setProblem(answer.message);
    }
  }

  return (
    <QuestionDialog title={title} open={open} change={change}>
      <div className="flex flex-1 flex-col gap-4 overflow-y-auto overscroll-contain px-5 pb-5">
        {about.map((sentence) => (
          <p key={sentence} className="[overflow-wrap:anywhere]">
            {sentence}
          </p>
        ))}
        {problem !== null && (
          <Notice tone="bad" live>
            {problem}
          </Notice>
        )}
      </div>
      <div className="flex flex-wrap justify-end gap-3 border-line border-t px-5 py-4">
        <Dialog.Close className={buttonClass()}>{common.cancel}</Dialog.Close>
        <Button look="danger" disabled={busy} onClick={confirm}>
          {busy ? acting : act}
        </Button>
      </div>
    </QuestionDialog>
  );
}
