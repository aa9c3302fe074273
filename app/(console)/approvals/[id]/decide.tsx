'use client';

import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Field } from '#app/_components/field.tsx';
import { Notice } from '#app/_components/notice.tsx';
import type { Answer } from '#app/_doors/answer.ts';
import { planDecision as words } from '#app/_words/approvals.ts';
import { common } from '#app/_words/common.ts';
import { approveAction, rejectAction } from '#app/(console)/approvals/[id]/actions.ts';

const unreachable = { ok: false, message: common.noAnswerReload } as const;

/**
 * Approves the plan that is shown, or rejects it with a reason. What is approved stands beside the button, because on a
 * narrow screen it stays in view while the plan scrolls by. Without that sentence it only rejects.
 */
export function Decide({
  rotationId,
  digest,
  sentence,
}: {
  rotationId: string;
  digest: string;
  sentence: string | null;
}) {
  const router = useRouter();
  const [rejecting, setRejecting] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function send(ask: () => Promise<Answer<unknown>>) {
    setBusy(true);
    setProblem(null);
    const answer = await ask().catch(() => unreachable);
    setBusy(false);
    if (!answer.ok) {
      setProblem(answer.message);
    }
    router.refresh();
  }

  function reject(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get('reason') ?? '');
    void send(() => rejectAction(rotationId, reason));
  }

  return (
    <section
      aria-label={words.title}
      className="sticky bottom-20 z-20 flex min-w-0 flex-col gap-3 rounded-lg border border-accent bg-surface p-4 shadow-lg md:bottom-4 xl:static xl:col-start-2 xl:shadow-xs"
    >
      {!rejecting && sentence !== null && (
        <p className="text-sm break-words">
          <span className="font-semibold">{words.approves}</span> {sentence}
        </p>
      )}
      {!rejecting && (
        <div className="flex flex-wrap gap-2">
          {sentence !== null && (
            <Button
              look="primary"
              disabled={busy}
              onClick={() => send(() => approveAction(rotationId, digest))}
            >
              {busy ? words.approving : words.approve}
            </Button>
          )}
          <Button disabled={busy} onClick={() => setRejecting(true)}>
            {words.offerReject}
          </Button>
        </div>
      )}
      {rejecting && (
        <form onSubmit={reject} className="flex flex-col gap-3">
          <Field label={words.askWhy} name="reason" required maxLength={500} autoFocus />
          <div className="flex flex-wrap gap-2">
            <Button type="submit" look="danger" disabled={busy}>
              {busy ? words.rejecting : words.reject}
            </Button>
            <Button disabled={busy} onClick={() => setRejecting(false)}>
              {words.back}
            </Button>
          </div>
        </form>
      )}
      {problem !== null && (
        <Notice tone="bad" live>
          {problem}
        </Notice>
      )}
    </section>
  );
}
