'use client';

import { Dialog } from '@base-ui/react/dialog';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { Button, buttonClass } from '#app/_components/button.tsx';
import { textOf, wordsOf } from '#app/_components/form-values.ts';
import { FieldErrors, TextInput } from '#app/_components/input-frame.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { QuestionDialog } from '#app/_components/question-dialog.tsx';
import type { Answer } from '#app/_doors/answer.ts';
import { common } from '#app/_words/common.ts';
import { changeDialog as words } from '#app/_words/manage-credential.ts';
import { changeCredentialAction } from '#app/(console)/credentials/[id]/manage-actions.ts';

/** A credential as the form begins with it. */
export interface Changeable {
  id: string;
  name: string;
  environment: string;
  owner: string | null;
  labels: readonly string[];
  /** Whoever is asked is limited, and leaves environment and labels. */
  isLimited: boolean;
}

export interface ChangeDialogProps {
  credential: Changeable;
  open: boolean;
  change(open: boolean): void;
}

type Refusal = Extract<Answer<unknown>, { ok: false }>;

const unanswered: Refusal = { ok: false, code: 'unreachable', message: common.noAnswerReload };

const wishOf = (data: FormData, { id: credentialId, isLimited }: Changeable) => ({
  credentialId,
  name: textOf(data, 'name') ?? '',
  owner: textOf(data, 'owner') ?? '',
  ...(isLimited ? {} : { environment: textOf(data, 'environment') ?? '', labels: wordsOf(data, 'labels') }),
});

function Inputs({ name, environment, owner, labels, isLimited }: Changeable) {
  return (
    <>
      <TextInput name="name" label={common.name} defaultValue={name} required maxLength={100} />
      <TextInput
        name="owner"
        label={words.owner}
        hint={words.ownerAbout}
        defaultValue={owner ?? ''}
        maxLength={100}
      />
      {isLimited ? (
        <p className="text-sm text-quiet">{words.limited}</p>
      ) : (
        <>
          <TextInput
            name="environment"
            label={common.environment}
            defaultValue={environment}
            required
            maxLength={50}
          />
          <TextInput
            name="labels"
            label={words.labels}
            hint={words.labelsAbout}
            defaultValue={labels.join(', ')}
            maxLength={1000}
          />
        </>
      )}
    </>
  );
}

function ChangeForm({ credential, done }: { credential: Changeable; done(): void }) {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    setBusy(true);
    setRefusal(null);
    const answer = await changeCredentialAction(wishOf(data, credential)).catch(() => unanswered);
    setBusy(false);
    if (answer.ok) {
      done();
    } else {
      setRefusal(answer);
    }
  }

  const marked = Object.keys(refusal?.fields ?? {}).length > 0;
  return (
    <form onSubmit={submit} method="post" className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-1 flex-col gap-4 overflow-y-auto overscroll-contain px-5 pb-5">
        <Dialog.Description className="text-quiet">{words.about}</Dialog.Description>
        <FieldErrors value={refusal?.fields ?? {}}>
          <Inputs {...credential} />
        </FieldErrors>
        {refusal !== null && (
          <Notice tone="bad" live>
            {marked ? words.correctMarked : refusal.message}
          </Notice>
        )}
      </div>
      <div className="flex justify-end gap-3 border-line border-t px-5 py-4">
        <Dialog.Close className={buttonClass()}>{common.cancel}</Dialog.Close>
        <Button type="submit" look="primary" disabled={busy}>
          {busy ? common.saving : words.save}
        </Button>
      </div>
    </form>
  );
}

/** What a credential is called, where it belongs and who looks after it, to be changed. */
export function ChangeDialog({ credential, open, change }: ChangeDialogProps) {
  const router = useRouter();
  return (
    <QuestionDialog title={words.title(credential.name)} open={open} change={change}>
      <ChangeForm
        credential={credential}
        done={() => {
          change(false);
          router.refresh();
        }}
      />
    </QuestionDialog>
  );
}
