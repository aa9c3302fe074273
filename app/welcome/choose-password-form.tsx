'use client';

import Link from 'next/link';
import { type FormEvent, useState } from 'react';
import { Button, buttonClass } from '#app/_components/button.tsx';
import { Field } from '#app/_components/field.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { choosePassword as words } from '#app/_words/sign-in.ts';
import { choosePasswordAction } from '#app/welcome/actions.ts';

/** The token stands behind the # of the link, which browsers do not send: it reaches no log and no history of a proxy. */
export function ChoosePasswordForm() {
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [email, setEmail] = useState<string | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get('password'));
    setBusy(true);
    setError(null);
    const answer = await choosePasswordAction(window.location.hash.slice(1), password).catch(() => null);
    setBusy(false);
    if (answer?.ok === true) {
      setEmail(answer.value.email);
    } else {
      setError(answer?.message ?? words.noAnswer);
    }
  }

  if (email !== null) {
    return (
      <>
        <Notice tone="good" live>
          {words.done(email)}
        </Notice>
        <Link href="/sign-in" className={buttonClass('primary')}>
          {words.goToSignIn}
        </Link>
      </>
    );
  }
  return (
    // `post` also before the page's script has loaded: a password must never stand in an address.
    <form onSubmit={submit} method="post" className="flex flex-col gap-4">
      {error !== null && (
        <Notice tone="bad" live>
          {error}
        </Notice>
      )}
      <Field
        label={words.password}
        name="password"
        type="password"
        autoComplete="new-password"
        minLength={12}
        required
        hint={words.passwordHint}
      />
      <Button type="submit" look="primary" disabled={busy}>
        {busy ? words.submitting : words.submit}
      </Button>
    </form>
  );
}
