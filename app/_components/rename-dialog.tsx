'use client';

import { Dialog } from '@base-ui/react/dialog';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { Button, buttonClass } from '#app/_components/button.tsx';
import { textOf } from '#app/_components/form-values.ts';
import { FieldErrors, TextInput } from '#app/_components/input-frame.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { QuestionDialog } from '#app/_components/question-dialog.tsx';
import type { Answer } from '#app/_doors/answer.ts';
import { common } from '#app/_words/common.ts';
import { rename as words } from '#app/_words/frame.ts';

type Refusal = Extract<Answer<unknown>, { ok: false }>;

const unanswered: Refusal = { ok: false, code: 'unreachable', message: common.noAnswerReload };

export interface RenameDialogProps {
  /** What it is called now. */
  name: string;
  run(name: string): Promise<Answer<void>>;
  open: boolean;
  change(open: boolean): void;
  onDone(): void;
}

function RenameForm({ name, run, done }: Pick<RenameDialogProps, 'name' | 'run'> & { done(): void }) {
  const form = useRef<HTMLFormElement>(null);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const error = refusal?.fields?.name;

  useEffect(() => {
    if (error !== undefined) {
      form.current?.querySelector('input')?.focus();
    }
  }, [error]);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const wanted = textOf(new FormData(event.currentTarget), 'name') ?? '';
    setBusy(true);
    setRefusal(null);
    const answer = await run(wanted).catch(() => unanswered);
    setBusy(false);
    if (answer.ok) {
      done();
    } else {
      setRefusal(answer);
    }
  }

  return (
    <form ref={form} onSubmit={submit} method="post" className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-1 flex-col gap-4 overflow-y-auto overscroll-contain px-5 pb-5">
        <Dialog.Description className="text-quiet">{words.about}</Dialog.Description>
        <FieldErrors value={error === undefined ? {} : { name: error }}>
          <TextInput
            name="name"
            label={common.name}
            hint={common.nameHint}
            defaultValue={name}
            required
            maxLength={100}
          />
        </FieldErrors>
        {refusal !== null && error === undefined && (
          <Notice tone="bad" live>
            {refusal.message}
          </Notice>
        )}
      </div>
      <div className="flex flex-wrap justify-end gap-3 border-line border-t px-5 py-4">
        <Dialog.Close className={buttonClass()}>{common.cancel}</Dialog.Close>
        <Button type="submit" look="primary" disabled={busy}>
          {busy ? words.renaming : words.confirm}
        </Button>
      </div>
    </form>
  );
}

/** Asks what something shall be called. What is wrong with a name is said at its input. */
export function RenameDialog({ name, run, open, change, onDone }: RenameDialogProps) {
  const done = () => {
    change(false);
    onDone();
  };
  return (
    <QuestionDialog title={words.title(name)} open={open} change={change}>
      <RenameForm name={name} run={run} done={done} />
    </QuestionDialog>
  );
}
