'use client';

import { Dialog } from '@base-ui/react/dialog';
import { type FormEvent, useState } from 'react';
import { Button, buttonClass } from '#app/_components/button.tsx';
import { Field } from '#app/_components/field.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { postJson } from '#app/_components/post-json.ts';
import { QuestionDialog } from '#app/_components/question-dialog.tsx';
import { useStepUp } from '#app/_components/step-up.tsx';
import { common } from '#app/_words/common.ts';
import { revealDialog as words } from '#app/_words/reveal.ts';
import { MaskedField } from '#app/(console)/credentials/[id]/masked-field.tsx';

const unanswered = {
  ok: false,
  message: words.unanswered,
} as const;

interface Revealed {
  version: number;
  fields: { name: string; value: string }[];
}

export interface Asking {
  credentialId: string;
  name: string;
  version: number;
}

function RevealForm({ credentialId, name, version }: Asking) {
  const { withStepUp, dialog } = useStepUp();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [revealed, setRevealed] = useState<Revealed | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get('reason') ?? '');
    setBusy(true);
    setError(null);
    const answer = await withStepUp(() =>
      postJson<Revealed>(`/credentials/${credentialId}/reveal`, { version, reason }),
    ).catch(() => unanswered);
    setBusy(false);
    if (answer.ok) {
      setRevealed(answer.value);
    } else {
      setError(answer.message);
    }
  }

  if (revealed !== null) {
    return (
      <>
        <div className="flex flex-1 flex-col gap-4 overflow-y-auto overscroll-contain px-5 pb-5">
          <Notice tone="warn" live>
            {words.shownOnce(revealed.version)}
          </Notice>
          {revealed.fields.map(({ name: field, value }) => (
            <MaskedField key={field} label={field} value={value} />
          ))}
        </div>
        <div className="flex justify-end border-line border-t px-5 py-4">
          <Dialog.Close className={buttonClass('primary')}>{words.drop}</Dialog.Close>
        </div>
      </>
    );
  }
  return (
    <form onSubmit={submit} method="post" className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-1 flex-col gap-4 overflow-y-auto overscroll-contain px-5 pb-5">
        <Dialog.Description className="text-quiet">{words.about(name, version)}</Dialog.Description>
        <Field
          label={common.reason}
          name="reason"
          required
          maxLength={500}
          autoComplete="off"
          hint={words.reasonHint}
        />
        {error !== null && (
          <Notice tone="bad" live>
            {error}
          </Notice>
        )}
      </div>
      {dialog}
      <div className="flex justify-end gap-3 border-line border-t px-5 py-4">
        <Dialog.Close className={buttonClass()}>{words.notNow}</Dialog.Close>
        <Button type="submit" look="danger" disabled={busy}>
          {busy ? words.asking : words.reveal}
        </Button>
      </div>
    </form>
  );
}

export interface RevealDialogProps {
  asking: Asking;
  open: boolean;
  change(open: boolean): void;
}

/** Asks why, and then holds the value for as long as it is open: what was closed is gone from the page's memory. */
export function RevealDialog({ asking, open, change }: RevealDialogProps) {
  return (
    <QuestionDialog title={words.title(asking.name)} open={open} change={change}>
      <RevealForm {...asking} />
    </QuestionDialog>
  );
}
