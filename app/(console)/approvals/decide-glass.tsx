'use client';

import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Field } from '#app/_components/field.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { useStepUp } from '#app/_components/step-up.tsx';
import type { Answer } from '#app/_doors/answer.ts';
import {
  closeReviewAction,
  confirmBreakGlassAction,
  refuseBreakGlassAction,
} from '#app/(console)/approvals/glass-actions.ts';

const unreachable = {
  ok: false,
  message: 'Rekey does not answer. Reload the page to see where it stands.',
} as const;

/** One request at a time; the page is drawn anew after each, because the rotation goes on meanwhile. */
function useDecision() {
  const router = useRouter();
  const { withStepUp, dialog } = useStepUp();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function send(call: () => Promise<Answer<void>>) {
    setBusy(true);
    setProblem(null);
    const answer = await withStepUp(call).catch(() => unreachable);
    setBusy(false);
    setProblem(answer.ok ? null : answer.message);
    router.refresh();
  }

  const shown = (
    <>
      {problem !== null && (
        <Notice tone="bad" live>
          {problem}
        </Notice>
      )}
      {dialog}
    </>
  );
  return { busy, send, shown };
}

function Words({
  label,
  confirm,
  maxLength,
  busy,
  onSend,
  onBack,
}: {
  label: string;
  confirm: string;
  maxLength: number;
  busy: boolean;
  onSend(words: string): void;
  onBack(): void;
}) {
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    onSend(String(new FormData(event.currentTarget).get('words') ?? ''));
  }
  return (
    <form onSubmit={submit} method="post" className="flex flex-col gap-3">
      <Field
        label={label}
        name="words"
        required
        maxLength={maxLength}
        autoComplete="off"
        autoFocus
        hint="Kept in the audit log."
      />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" disabled={busy}>
          {busy ? 'Asking…' : confirm}
        </Button>
        <Button disabled={busy} onClick={onBack}>
          Back
        </Button>
      </div>
    </form>
  );
}

/** Confirms that the glass is broken, or refuses it with a reason. Whoever asked can only take it back. */
export function DecideGlass({
  rotationId,
  askId,
  credential,
  mayConfirm,
}: {
  rotationId: string;
  askId: string;
  credential: string;
  mayConfirm: boolean;
}) {
  const { busy, send, shown } = useDecision();
  const [refusing, setRefusing] = useState(false);
  return (
    <div className="flex flex-col gap-3">
      {refusing ? (
        <Words
          label={mayConfirm ? 'Why not?' : 'Why is it taken back?'}
          confirm={mayConfirm ? 'Refuse' : 'Take it back'}
          maxLength={500}
          busy={busy}
          onSend={(why) => send(() => refuseBreakGlassAction(rotationId, askId, why))}
          onBack={() => setRefusing(false)}
        />
      ) : (
        <div className="flex flex-wrap gap-2">
          {mayConfirm && (
            <Button
              look="danger"
              disabled={busy}
              aria-label={`Confirm: break glass for ${credential}`}
              onClick={() => send(() => confirmBreakGlassAction(rotationId, askId))}
            >
              {busy ? 'Asking…' : 'Confirm: break glass'}
            </Button>
          )}
          <Button disabled={busy} onClick={() => setRefusing(true)}>
            {mayConfirm ? 'Refuse…' : 'Take it back…'}
          </Button>
        </div>
      )}
      {shown}
    </div>
  );
}

/** Closes the review of a broken glass with what came of it. */
export function CloseReview({ rotationId, credential }: { rotationId: string; credential: string }) {
  const { busy, send, shown } = useDecision();
  const [closing, setClosing] = useState(false);
  return (
    <div className="flex flex-col gap-3">
      {closing ? (
        <Words
          label="What came of it?"
          confirm="Close the review"
          maxLength={2000}
          busy={busy}
          onSend={(conclusion) => send(() => closeReviewAction(rotationId, conclusion))}
          onBack={() => setClosing(false)}
        />
      ) : (
        <div>
          <Button
            disabled={busy}
            aria-label={`Close the review of ${credential}`}
            onClick={() => setClosing(true)}
          >
            Close the review…
          </Button>
        </div>
      )}
      {shown}
    </div>
  );
}
