'use client';

import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Field } from '#app/_components/field.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { useStepUp } from '#app/_components/step-up.tsx';
import type { Answer } from '#app/_doors/answer.ts';
import { glassDecision, glassForm, reviewClosing } from '#app/_words/approvals.ts';
import { common } from '#app/_words/common.ts';
import {
  closeReviewAction,
  confirmBreakGlassAction,
  refuseBreakGlassAction,
} from '#app/(console)/approvals/glass-actions.ts';

const unreachable = { ok: false, message: common.noAnswerReload } as const;

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
        hint={glassForm.hint}
      />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" disabled={busy}>
          {busy ? glassForm.sending : confirm}
        </Button>
        <Button disabled={busy} onClick={onBack}>
          {glassForm.back}
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
          label={mayConfirm ? glassDecision.askWhyNot : glassDecision.askWhyTaken}
          confirm={mayConfirm ? glassDecision.refuse : glassDecision.takeBack}
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
              aria-label={glassDecision.confirmFor(credential)}
              onClick={() => send(() => confirmBreakGlassAction(rotationId, askId))}
            >
              {busy ? glassDecision.sending : glassDecision.confirm}
            </Button>
          )}
          <Button disabled={busy} onClick={() => setRefusing(true)}>
            {mayConfirm ? glassDecision.offerRefuse : glassDecision.offerTakeBack}
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
          label={reviewClosing.askConclusion}
          confirm={reviewClosing.close}
          maxLength={2000}
          busy={busy}
          onSend={(conclusion) => send(() => closeReviewAction(rotationId, conclusion))}
          onBack={() => setClosing(false)}
        />
      ) : (
        <div>
          <Button
            disabled={busy}
            aria-label={reviewClosing.offerOf(credential)}
            onClick={() => setClosing(true)}
          >
            {reviewClosing.offer}
          </Button>
        </div>
      )}
      {shown}
    </div>
  );
}
