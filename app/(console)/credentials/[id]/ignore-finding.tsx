'use client';

import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Field } from '#app/_components/field.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { common } from '#app/_words/common.ts';
import { ignoreFinding as words } from '#app/_words/credential.ts';
import { ignoreFindingAction } from '#app/(console)/credentials/[id]/actions.ts';

/** Leaves a finding as it is, after a reason was given. */
export function IgnoreFinding({ findingId }: { findingId: string }) {
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get('reason') ?? '');
    setBusy(true);
    setProblem(null);
    const answer = await ignoreFindingAction(findingId, reason).catch(() => null);
    setBusy(false);
    if (answer?.ok) {
      router.refresh();
    } else {
      setProblem(answer?.message ?? common.noAnswerReload);
    }
  }

  if (!asking) {
    return <Button onClick={() => setAsking(true)}>{words.open}</Button>;
  }
  return (
    <form onSubmit={submit} className="flex w-full max-w-md flex-col gap-3">
      <Field label={words.why} name="reason" required maxLength={500} autoFocus />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" disabled={busy}>
          {busy ? words.storing : words.ignore}
        </Button>
        <Button disabled={busy} onClick={() => setAsking(false)}>
          {common.cancel}
        </Button>
      </div>
      {problem !== null && (
        <Notice tone="bad" live>
          {problem}
        </Notice>
      )}
    </form>
  );
}
