'use client';

import { type FormEvent, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Field } from '#app/_components/field.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { useStepUp } from '#app/_components/step-up.tsx';
import { common } from '#app/_words/common.ts';
import { passwordForm as words } from '#app/_words/settings.ts';
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
      setSaid({ tone: 'good', message: words.changed });
    } else {
      setSaid({ tone: 'bad', message: answer?.message ?? common.noAnswer });
    }
  }

  return (
    <form onSubmit={submit} method="post" className="flex max-w-md flex-col gap-4">
      <Field
        label={words.password}
        name="password"
        type="password"
        autoComplete="new-password"
        minLength={12}
        required
        hint={words.hint}
      />
      {said !== null && (
        <Notice tone={said.tone} live>
          {said.message}
        </Notice>
      )}
      <div>
        <Button type="submit" disabled={busy}>
          {busy ? words.changing : words.change}
        </Button>
      </div>
      {dialog}
    </form>
  );
}
