'use client';

import { Dialog } from '@base-ui/react/dialog';
import { signIn } from 'next-auth/react';
import { type FormEvent, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Field } from '#app/_components/field.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { useSignInAgain } from '#app/_components/sign-in-again.tsx';
import { common } from '#app/_words/common.ts';
import { stepUpDialog as words } from '#app/_words/forms.ts';
import { stepUpAction } from '#app/(console)/step-up-action.ts';

function StepUpForm({ onDone, onCancel }: { onDone: () => void; onCancel: () => void }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    // The form stands in another one as React sees it, which must not be sent by this.
    event.stopPropagation();
    const proof = String(new FormData(event.currentTarget).get('proof'));
    setBusy(true);
    setError(null);
    const answer = await stepUpAction(proof).catch(() => null);
    setBusy(false);
    if (answer?.ok === true) {
      onDone();
    } else {
      setError(answer?.message ?? common.noAnswerUnchanged);
    }
  }

  return (
    <form onSubmit={submit} method="post" className="flex flex-col gap-4 px-5 pb-5">
      <Dialog.Description className="text-quiet">{words.about}</Dialog.Description>
      {error !== null && (
        <Notice tone="bad" live>
          {error}
        </Notice>
      )}
      <Field
        label={words.proof}
        name="proof"
        type="password"
        autoComplete="current-password"
        required
        autoFocus
      />
      <div className="flex justify-end gap-3">
        <Button onClick={onCancel}>{words.notNow}</Button>
        <Button type="submit" look="primary" disabled={busy}>
          {busy ? common.checking : words.goOn}
        </Button>
      </div>
    </form>
  );
}

/** For whoever has nothing here to give: the single sign-on asks who they are, and sends them back to this page. */
function SignInAgain({ name, onCancel }: { name: string; onCancel: () => void }) {
  const [busy, setBusy] = useState(false);
  async function leave() {
    setBusy(true);
    const { pathname, search, hash } = window.location;
    await signIn('oidc', { callbackUrl: `${pathname}${search}${hash}` }).catch(() => setBusy(false));
  }
  return (
    <div className="flex flex-col gap-4 px-5 pb-5">
      <Dialog.Description className="text-quiet">
        {words.about} {words.again(name)}
      </Dialog.Description>
      <div className="flex flex-wrap justify-end gap-3">
        <Button onClick={onCancel}>{words.notNow}</Button>
        <Button look="primary" disabled={busy} onClick={leave}>
          {words.signInAgain(name)}
        </Button>
      </div>
    </div>
  );
}

export interface StepUpDialogProps {
  open: boolean;
  decide(goOn: boolean): void;
}

/** Asks who the person is. */
export function StepUpDialog({ open, decide }: StepUpDialogProps) {
  const name = useSignInAgain();
  const cancel = () => decide(false);
  return (
    <Dialog.Root open={open} onOpenChange={(opens) => opens || cancel()}>
      <Dialog.Portal>
        {/* Also over a dialog, whose own text would stand around this question. */}
        <Dialog.Backdrop forceRender className="fixed inset-0 z-60 bg-black/40" />
        <Dialog.Popup className="fixed inset-x-0 bottom-0 z-70 rounded-t-lg border-line bg-surface shadow-xl sm:inset-x-auto sm:top-1/2 sm:bottom-auto sm:left-1/2 sm:w-full sm:max-w-md sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-lg sm:border">
          <Dialog.Title className="px-5 pt-4 pb-2 text-lg font-semibold">{words.title}</Dialog.Title>
          {name === null ? (
            <StepUpForm onDone={() => decide(true)} onCancel={cancel} />
          ) : (
            <SignInAgain name={name} onCancel={cancel} />
          )}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
