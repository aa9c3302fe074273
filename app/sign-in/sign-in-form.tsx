'use client';

import { signIn } from 'next-auth/react';
import { type FormEvent, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Field } from '#app/_components/field.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { common } from '#app/_words/common.ts';
import { signInForm as words } from '#app/_words/sign-in.ts';

export function SignInForm({ from }: { from: string }) {
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [asksCode, setAsksCode] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(null);
    const answer = await signIn('credentials', {
      email: String(form.get('email')),
      password: String(form.get('password')),
      code: String(form.get('code') ?? ''),
      redirect: false,
    }).catch(() => undefined);
    if (answer?.ok === true) {
      // A full load, so that nothing drawn for an earlier session stays in the browser's memory.
      window.location.assign(from);
      return;
    }
    setBusy(false);
    if (answer?.error === 'code_required') {
      setAsksCode(true);
      return;
    }
    setError(answer?.error ?? common.noAnswerCheck);
  }

  return (
    // `post` also before the page's script has loaded: a password must never stand in an address.
    <form onSubmit={submit} method="post" className="flex flex-col gap-4">
      {error !== null && (
        <Notice tone="bad" live>
          {error}
        </Notice>
      )}
      <Field label={words.email} name="email" type="email" autoComplete="username" required autoFocus />
      <Field
        label={words.password}
        name="password"
        type="password"
        autoComplete="current-password"
        required
      />
      {asksCode && (
        <Field
          label={words.code}
          name="code"
          autoComplete="one-time-code"
          required
          autoFocus
          hint={words.codeHint}
        />
      )}
      <Button type="submit" look="primary" disabled={busy}>
        {busy ? words.submitting : words.submit}
      </Button>
    </form>
  );
}
