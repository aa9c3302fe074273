'use client';

import { Dialog } from '@base-ui/react/dialog';
import { type FormEvent, useState } from 'react';
import { Button, buttonClass } from '#app/_components/button.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { QuestionDialog } from '#app/_components/question-dialog.tsx';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import { actionDialog as words } from '#app/_words/action-dialog.ts';
import { type Asked, actionWords, consequence, refusalOf } from '#app/_words/actions.ts';
import { standing } from '#app/_words/standing.ts';
import { ActionFields, sendAction } from '#app/(console)/rotations/[id]/action-fields.tsx';
import { useSend } from '#app/(console)/rotations/[id]/use-send.ts';

/** What will happen, what state things are in, and whether there is a way back. */
function Consequences({ action, progress }: { action: Asked; progress: RotationProgress }) {
  const { does, undo } = consequence(action, progress);
  const { destroys } = actionWords[action];
  return (
    <dl className="flex flex-col gap-2.5">
      <Dialog.Description render={<div />}>
        <dt className="text-sm font-medium text-quiet">{words.happens}</dt>
        <dd className="break-words">{does}</dd>
      </Dialog.Description>
      <div>
        <dt className="text-sm font-medium text-quiet">{words.stands}</dt>
        <dd className="break-words">{standing(progress)}</dd>
      </div>
      <div>
        <dt className="text-sm font-medium text-quiet">{words.afterwards}</dt>
        <dd className={destroys ? 'break-words text-bad' : 'break-words'}>{undo}</dd>
      </div>
    </dl>
  );
}

function ActionForm({
  action,
  progress,
  close,
}: {
  action: Asked;
  progress: RotationProgress;
  close(): void;
}) {
  const { busy, error, send, stepUp } = useSend();
  const alone = action === 'break_glass' && progress.breaksGlassAlone;
  const [typed, setTyped] = useState(false);
  const { confirm, destroys } = actionWords[action];
  const asks = action === 'break_glass' && !alone;
  // The rotation goes on while the dialog is read.
  const refused = refusalOf(progress, action);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    if (await send(() => sendAction(action, progress.id, data))) {
      close();
    }
  }

  return (
    <form onSubmit={submit} method="post" className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-1 flex-col gap-5 overflow-y-auto overscroll-contain px-5 pb-5">
        <Consequences action={action} progress={progress} />
        <ActionFields action={action} progress={progress} onReady={setTyped} />
        {refused !== null && (
          <Notice tone="warn">
            {words.tooLate} {refused}
          </Notice>
        )}
        {error !== null && (
          <Notice tone="bad" live>
            {error}
          </Notice>
        )}
      </div>
      {stepUp}
      <div className="flex justify-end gap-3 border-line border-t px-5 py-4">
        <Dialog.Close className={buttonClass()}>{words.notNow}</Dialog.Close>
        <Button
          type="submit"
          look={destroys ? 'danger' : 'primary'}
          disabled={busy || (alone && !typed) || refused !== null}
        >
          {busy ? words.sending : asks ? words.askSecond : confirm}
        </Button>
      </div>
    </form>
  );
}

/** The action that is asked about. After closing it is still there, for as long as the dialog takes to leave. */
export interface Question {
  action: Asked;
  open: boolean;
}

export interface ActionDialogProps {
  question: Question;
  progress: RotationProgress;
  close(): void;
}

/** Asks before an action with consequences. */
export function ActionDialog({ question: { action, open }, progress, close }: ActionDialogProps) {
  return (
    <QuestionDialog
      title={`${actionWords[action].confirm}: ${progress.credential}`}
      open={open}
      change={(opens) => opens || close()}
    >
      <ActionForm key={action} action={action} progress={progress} close={close} />
    </QuestionDialog>
  );
}
