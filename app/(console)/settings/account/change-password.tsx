'use client';

import { type FormEvent, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Field } from '#app/_components/field.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { useStepUp } from '#app/_components/step-up.tsx';
import { changePasswordAction } from '#app/(console)/settings/account/actions.ts';

export function ChangePassword() {
  const { withStepUp, dialog } = useStepUp();
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<{ tone: 'good' | 'bad'; message: string } | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const password = String(new FormData(form).get('password'));
    setBusy(true);
    setSaid(null);
    const answer = await withStepUp(() => changePasswordAction(password)).catch(() => null);
    setBusy(false);
    if (answer?.ok === true) {
      form.reset();
      setSaid({ tone: 'good', message: 'Your password is changed, and your other sessions have ended.' });
    } else {
      setSaid({ tone: 'bad', message: answer?.message ?? 'Rekey does not answer. Try again.' });
    }
  }

  return (
    <form onSubmit={submit} method="post" className="flex max-w-md flex-col gap-4">
      <Field
        label="New password"
        name="password"
        type="password"
        autoComplete="new-password"
        minLength={12}
        required
        hint="At least 12 characters. Your other sessions end."
      />
      {said !== null && (
        <Notice tone={said.tone} live>
          {said.message}
        </Notice>
      )}
      <div>
        <Button type="submit" disabled={busy}>
          {busy ? 'Changing…' : 'Change the password'}
        </Button>
      </div>
      {dialog}
    </form>
  );
}
