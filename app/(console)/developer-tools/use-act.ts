'use client';

import { useRouter } from 'next/navigation';
import { type ReactNode, useRef, useState } from 'react';
import { useStepUp } from '#app/_components/step-up.tsx';
import type { Answer } from '#app/_doors/answer.ts';
import { common } from '#app/_words/common.ts';

interface Acting {
  busy: boolean;
  error: string | null;
  /** Answers whether it was done. */
  act(call: () => Promise<Answer<void>>): Promise<boolean>;
  /** Asks who the person is, where the change takes it. */
  stepUp: ReactNode;
}

/** Does one change at a time, keeps why it was refused, and draws the page anew. */
export function useAct(): Acting {
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const { withStepUp, dialog } = useStepUp();
  const sent = useRef(false);

  async function act(call: () => Promise<Answer<void>>): Promise<boolean> {
    if (sent.current) {
      return false;
    }
    sent.current = true;
    setBusy(true);
    setError(null);
    const answer = await withStepUp(call).catch(() => null);
    sent.current = false;
    setBusy(false);
    setError(answer?.ok ? null : (answer?.message ?? common.noAnswerUnknown));
    router.refresh();
    return answer?.ok === true;
  }

  return { busy, error, act, stepUp: dialog };
}
