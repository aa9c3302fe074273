'use client';

import { Dialog } from '@base-ui/react/dialog';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { Button, buttonClass } from '#app/_components/button.tsx';
import { TextInput } from '#app/_components/input-frame.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { QuestionDialog } from '#app/_components/question-dialog.tsx';
import { useStepUp } from '#app/_components/step-up.tsx';
import { common } from '#app/_words/common.ts';
import { archiveDialog as words } from '#app/_words/manage-credential.ts';
import { archiveCredentialAction } from '#app/(console)/credentials/[id]/manage-actions.ts';

/** What is left outside of a credential that is archived, and what goes here. */
export interface Leaves {
  issuer: string;
  policy: string | null;
  bindings: number;
  /** Applications fetch it from here. */
  isFetched: boolean;
}

export interface ArchiveDialogProps {
  credentialId: string;
  name: string;
  leaves: Leaves;
  open: boolean;
  change(open: boolean): void;
}

const unanswered = { ok: false, message: common.noAnswerReload } as const;

function Consequences({ issuer, policy, bindings, isFetched }: Leaves) {
  const list = 'list-disc pl-5 break-words';
  return (
    <>
      <div>
        <h3 className="font-semibold">{words.outsideTitle}</h3>
        <ul className={list}>
          <li>{words.outside({ issuer, targets: bindings })}</li>
          {isFetched && <li>{words.fetched}</li>}
        </ul>
      </div>
      <div>
        <h3 className="font-semibold">{words.hereTitle}</h3>
        <ul className={list}>
          <li>{words.values}</li>
          {policy !== null && <li>{words.policy(policy)}</li>}
          {bindings > 0 && <li>{words.bindings(bindings)}</li>}
          <li>{words.nameFree}</li>
        </ul>
      </div>
    </>
  );
}

function ArchiveForm({
  credentialId,
  name,
  leaves,
}: Pick<ArchiveDialogProps, 'credentialId' | 'name' | 'leaves'>) {
  const router = useRouter();
  const { withStepUp, dialog } = useStepUp();
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const act = () => archiveCredentialAction(credentialId, typed.trim());
    const answer = await withStepUp(act).catch(() => unanswered);
    if (answer.ok) {
      router.push('/credentials');
    } else {
      setBusy(false);
      setError(answer.message);
    }
  }

  return (
    <form onSubmit={submit} method="post" className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-1 flex-col gap-4 overflow-y-auto overscroll-contain px-5 pb-5">
        <Dialog.Description className="text-quiet">{words.about}</Dialog.Description>
        <Consequences {...leaves} />
        <TextInput
          name="typedName"
          label={words.typeName(name)}
          value={typed}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          spellCheck={false}
          autoCapitalize="none"
        />
        {error !== null && (
          <Notice tone="bad" live>
            {error}
          </Notice>
        )}
      </div>
      {dialog}
      <div className="flex justify-end gap-3 border-line border-t px-5 py-4">
        <Dialog.Close className={buttonClass()}>{words.keep}</Dialog.Close>
        <Button type="submit" look="danger" disabled={busy || typed.trim() !== name}>
          {busy ? words.archiving : words.confirm}
        </Button>
      </div>
    </form>
  );
}

/** Says what letting go of a credential does and does not, and does it once its name was typed. */
export function ArchiveDialog({ open, change, ...asked }: ArchiveDialogProps) {
  return (
    <QuestionDialog title={words.title(asked.name)} open={open} change={change}>
      <ArchiveForm {...asked} />
    </QuestionDialog>
  );
}
