'use client';

import clsx from 'clsx';
import { useRouter } from 'next/navigation';
import { type FormEvent, useRef, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Field } from '#app/_components/field.tsx';
import { Notice } from '#app/_components/notice.tsx';
import type { Answer } from '#app/_doors/answer.ts';
import { common } from '#app/_words/common.ts';
import { pauseControl as words } from '#app/_words/forms.ts';

const unreachable = {
  ok: false,
  message: common.noAnswerReload,
};

/** Pauses something after a reason was given, and lets it go on with one click. */
export function PauseControl({
  what,
  paused,
  asked = false,
  pause,
  unpause,
}: {
  /** As the button names it: `everything`, or the name of an issuer. */
  what: string;
  paused: boolean;
  /** Somebody came here to pause it, so the question is open. */
  asked?: boolean;
  pause: (reason: string) => Promise<Answer<void>>;
  unpause: () => Promise<Answer<void>>;
}) {
  const router = useRouter();
  const box = useRef<HTMLDivElement>(null);
  const [asking, setAsking] = useState(asked);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  /** The button that was pressed goes away, and the keyboard must not be sent back to the top of the page for it. */
  function close() {
    setAsking(false);
    box.current?.focus();
  }

  async function act(change: () => Promise<Answer<void>>) {
    setBusy(true);
    setProblem(null);
    const answer = await change().catch(() => unreachable);
    setBusy(false);
    if (answer.ok) {
      close();
      router.refresh();
    } else if ('message' in answer) {
      setProblem(answer.message);
    }
  }

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get('reason') ?? '');
    void act(() => pause(reason));
  }

  const isOpen = asking || problem !== null;
  return (
    <div
      ref={box}
      tabIndex={-1}
      // The question takes a line of its own where the button stands among others.
      className={clsx('flex flex-col items-start gap-3 outline-none', isOpen && 'w-full')}
    >
      {paused && (
        <Button disabled={busy} onClick={() => act(unpause)}>
          {words.letGoOn(what)}
        </Button>
      )}
      {!paused && !asking && <Button onClick={() => setAsking(true)}>{words.pauseIt(what)}</Button>}
      {!paused && asking && (
        <form onSubmit={onSubmit} className="flex w-full max-w-md flex-col gap-3">
          <Field
            label={words.why(what)}
            name="reason"
            required
            maxLength={500}
            autoFocus
            hint={words.whyHint}
          />
          <div className="flex flex-wrap gap-2">
            <Button type="submit" look="primary" disabled={busy}>
              {busy ? words.pausing : words.pause}
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
