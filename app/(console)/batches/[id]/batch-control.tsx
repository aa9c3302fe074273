'use client';

import { CircleStop, Play } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { type FormEvent, useRef, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Field } from '#app/_components/field.tsx';
import { Notice } from '#app/_components/notice.tsx';
import type { Answer } from '#app/_doors/answer.ts';
import { batchControl as words } from '#app/_words/batches.ts';
import { common } from '#app/_words/common.ts';
import { resumeBatchAction, stopBatchAction } from '#app/(console)/batches/[id]/actions.ts';
import type { Role } from '#core/access/actor.ts';
import type { BatchView } from '#core/rotation/batches/read-batch.ts';

/** Stops a batch after a reason was given, and lets it go on with one click. */
export function BatchControl({
  batch: { id, state, counts },
  mayAct,
  takesRole,
}: {
  batch: BatchView;
  mayAct: boolean;
  takesRole: readonly Role[];
}) {
  const router = useRouter();
  const box = useRef<HTMLDivElement>(null);
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  /** The button that was pressed goes away; the keyboard stays where it was. */
  function close() {
    setAsking(false);
    box.current?.focus();
  }

  async function act(change: () => Promise<Answer<void>>) {
    setBusy(true);
    setProblem(null);
    const answer = await change().catch(() => null);
    setBusy(false);
    if (answer?.ok === true) {
      close();
      router.refresh();
    } else {
      setProblem(answer?.message ?? common.noAnswerReload);
    }
  }

  function stop(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get('reason'));
    void act(() => stopBatchAction(id, reason));
  }

  if (!mayAct) {
    return <p className="text-sm text-quiet">{words.roleNeeded(takesRole)}</p>;
  }
  return (
    <div ref={box} tabIndex={-1} className="flex flex-col items-start gap-3 outline-none">
      {state === 'stopped' && (
        <>
          <Button look="primary" disabled={busy} onClick={() => act(() => resumeBatchAction(id))}>
            <Play aria-hidden className="size-4" />
            {busy ? words.goingOn : words.goOn(counts.waiting)}
          </Button>
          {counts.failed > 0 && <p className="text-sm text-quiet">{words.failuresStay}</p>}
        </>
      )}
      {state === 'running' && !asking && (
        <Button onClick={() => setAsking(true)}>
          <CircleStop aria-hidden className="size-4" />
          {words.offerStop}
        </Button>
      )}
      {state === 'running' && asking && (
        <form onSubmit={stop} className="flex w-full max-w-md flex-col gap-3">
          <Field
            label={words.askWhy}
            name="reason"
            required
            maxLength={500}
            autoFocus
            hint={words.stopDoes}
          />
          <div className="flex flex-wrap gap-2">
            <Button type="submit" look="primary" disabled={busy}>
              {busy ? words.stopping : words.stop}
            </Button>
            <Button disabled={busy} onClick={close}>
              {common.cancel}
            </Button>
          </div>
        </form>
      )}
      {problem !== null && (
        <Notice tone="bad" live>
          {problem}
        </Notice>
      )}
    </div>
  );
}
