'use client';

import { type ReactNode, useRef, useState } from 'react';
import { useStepUp } from '#app/_components/step-up.tsx';
import type { Answer } from '#app/_doors/answer.ts';
import { sending as words } from '#app/_words/rotation-page.ts';

/** Sends one request at a time, however often it is clicked, and keeps the sentence of a refusal. */
export function useSend(): {
  busy: boolean;
  error: string | null;
  /** Answers whether it was done. */
  send(call: () => Promise<Answer<void>>): Promise<boolean>;
  /** Asks who the person is, where the action takes it. */
  stepUp: ReactNode;
} {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const { withStepUp, dialog } = useStepUp();
  const sent = useRef(false);

  async function send(call: () => Promise<Answer<void>>): Promise<boolean> {
    if (sent.current) {
      return false;
    }
    sent.current = true;
    setBusy(true);
    setError(null);
    const answer = await withStepUp(call).catch(() => null);
    sent.current = false;
    setBusy(false);
    if (answer?.ok !== true) {
      setError(answer?.message ?? words.unanswered);
    }
    return answer?.ok === true;
  }

  return { busy, error, send, stepUp: dialog };
}
